"""The tests of iacdrift; a package, so that `tests.needs` can be imported from every room."""
