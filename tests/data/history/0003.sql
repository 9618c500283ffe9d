CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('0003');
CREATE TABLE targets (
  id INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
  CONSTRAINT pk_targets PRIMARY KEY (id), CONSTRAINT uq_targets_key UNIQUE (key)
);
CREATE TABLE reports (
  id INTEGER NOT NULL, target_id INTEGER NOT NULL, command TEXT NOT NULL, stored_at TEXT NOT NULL, started_at TEXT NOT NULL,
  finished_at TEXT NOT NULL, verdict TEXT NOT NULL, exit_code INTEGER NOT NULL, sight TEXT NOT NULL, severities TEXT NOT NULL,
  hosts INTEGER NOT NULL, undetermined INTEGER NOT NULL, ignored INTEGER NOT NULL, document BYTEA NOT NULL,
  CONSTRAINT pk_reports PRIMARY KEY (id), CONSTRAINT fk_reports_target_id FOREIGN KEY (target_id) REFERENCES targets (id)
);
CREATE INDEX ix_reports_target_id ON reports (target_id, id);
CREATE TABLE findings (
  id INTEGER NOT NULL, target_id INTEGER NOT NULL, finding TEXT NOT NULL, sight TEXT NOT NULL, kind TEXT NOT NULL,
  severity TEXT NOT NULL, owner TEXT, address TEXT, protocol TEXT NOT NULL, ports TEXT NOT NULL, first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL, last_report INTEGER NOT NULL, times INTEGER NOT NULL, resolved_at TEXT, acknowledged_by TEXT,
  acknowledged_at TEXT, note TEXT, announced TEXT, cause TEXT,
  CONSTRAINT pk_findings PRIMARY KEY (id), CONSTRAINT fk_findings_target_id FOREIGN KEY (target_id) REFERENCES targets (id),
  CONSTRAINT uq_findings_target_id UNIQUE (target_id, finding, sight)
);
INSERT INTO targets VALUES (1, 'k', 'plan.json');
INSERT INTO reports VALUES (1, 1, 'check', '2026-01-02T03:04:06Z', '2026-01-02T03:04:00Z', '2026-01-02T03:04:05Z', 'drift', 1,
  '{"kind": "internet"}', '{"critical": 1}', 1, 0, 0, 'x');
INSERT INTO findings VALUES (1, 1, 'exposed-tcp-8080-1a2b3c4d5e6f', '{"kind": "internet"}', 'exposed', 'critical', 'aws_instance.web',
  '198.51.100.7', 'tcp', '8080', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z', 1, 1, NULL, 'ann', '2026-01-03T00:00:00Z', NULL,
  'critical', NULL);
CREATE TABLE baselines (
  id INTEGER NOT NULL, target_id INTEGER NOT NULL, name TEXT NOT NULL, saved_at TEXT NOT NULL, document BYTEA NOT NULL,
  CONSTRAINT pk_baselines PRIMARY KEY (id), CONSTRAINT fk_baselines_target_id FOREIGN KEY (target_id) REFERENCES targets (id),
  CONSTRAINT uq_baselines_target_id UNIQUE (target_id, name)
);
CREATE TABLE outbox (
  id INTEGER NOT NULL, channel TEXT NOT NULL, identity TEXT NOT NULL, state TEXT NOT NULL, created_at TEXT NOT NULL,
  attempts INTEGER NOT NULL, due_at TEXT, claimed_at TEXT, sent_at TEXT, problem TEXT, document BYTEA NOT NULL,
  CONSTRAINT pk_outbox PRIMARY KEY (id), CONSTRAINT uq_outbox_identity UNIQUE (identity)
);
CREATE INDEX ix_outbox_channel ON outbox (channel, state, id);
CREATE TABLE unlearnt (
  id INTEGER NOT NULL, target_id INTEGER NOT NULL, sight TEXT NOT NULL, runs INTEGER NOT NULL,
  CONSTRAINT pk_unlearnt PRIMARY KEY (id), CONSTRAINT fk_unlearnt_target_id FOREIGN KEY (target_id) REFERENCES targets (id),
  CONSTRAINT uq_unlearnt_target_id UNIQUE (target_id, sight)
);
CREATE TABLE spent (id INTEGER NOT NULL, at TEXT NOT NULL, packets INTEGER NOT NULL, CONSTRAINT pk_spent PRIMARY KEY (id));
CREATE INDEX ix_spent_at ON spent (at);
