"""Where pipelines run, as `iacdrift init --ci` names it."""

HOSTS = ("github", "gitlab", "azure", "jenkins", "none")
