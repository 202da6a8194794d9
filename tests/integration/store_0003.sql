BEGIN TRANSACTION;
CREATE TABLE accepted_drop (
	audit INTEGER NOT NULL, 
	system VARCHAR NOT NULL, 
	"before" INTEGER NOT NULL, 
	missing INTEGER NOT NULL, 
	now INTEGER NOT NULL, 
	reason VARCHAR NOT NULL, 
	PRIMARY KEY (audit, system), 
	FOREIGN KEY(audit) REFERENCES audit (id)
);
CREATE TABLE account (
	id INTEGER NOT NULL, 
	practice VARCHAR NOT NULL, 
	from_audit INTEGER NOT NULL, 
	to_audit INTEGER, 
	system VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	login VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	email VARCHAR, 
	employee_id VARCHAR, 
	created VARCHAR, 
	last_login_lag_days INTEGER NOT NULL, 
	mfa BOOLEAN, 
	expires VARCHAR, 
	service BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(from_audit) REFERENCES audit (id), 
	FOREIGN KEY(to_audit) REFERENCES audit (id)
);
INSERT INTO "account" VALUES(1,'small',1,NULL,'ehr','ana','ana','Ana Reyes','active',NULL,NULL,'2026-11-02T00:00:00.000000Z',0,1,NULL,0);
INSERT INTO "account" VALUES(2,'small',1,NULL,'ehr','bea','bea','Bea Cruz','active',NULL,NULL,NULL,0,1,NULL,0);
INSERT INTO "account" VALUES(3,'small',1,NULL,'ehr','reader','reader','Audit Reader','active',NULL,NULL,NULL,0,1,NULL,0);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	practice VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	tool_version VARCHAR NOT NULL, 
	policy_digest VARCHAR NOT NULL, 
	result_digest VARCHAR NOT NULL, 
	exit_code INTEGER NOT NULL, 
	headline VARCHAR NOT NULL, 
	counts VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'small','2026-11-10T18:00:00.000000Z','0.1.0','d8cf92d075f04e1dcea9fb0f04366cbf8a8500cbcdc895b380bff0e2403f08b7','f289d78be8e511dbc0491243f63c6ce82b62d2a13c28ea2f12d22b5e27a7b0c7',2,'3 active VMAs, 3 under a BAA, 3 live EHR accounts; 1 needs action today','{"accepted":0,"critical":0,"findings":3,"high":1,"low":1,"medium":1,"not_evaluated":2,"population":38,"satisfied":33,"with_findings":3}');
INSERT INTO "audit" VALUES(2,'small','2026-11-20T18:00:00.000000Z','0.1.0','d8cf92d075f04e1dcea9fb0f04366cbf8a8500cbcdc895b380bff0e2403f08b7','d07ac7891d1693cdf94364990d7a61d1d13eb3cb630887cafb06a96ea5e4a7d1',2,'2 active VMAs, 2 under a BAA, 3 live EHR accounts; 1 needs action today','{"accepted":0,"critical":0,"findings":1,"high":1,"low":0,"medium":0,"not_evaluated":2,"population":36,"satisfied":33,"with_findings":1}');
INSERT INTO "audit" VALUES(3,'small','2026-11-22T18:00:00.000000Z','0.1.0','d8cf92d075f04e1dcea9fb0f04366cbf8a8500cbcdc895b380bff0e2403f08b7','ffe09c9fa27fd6d5580fbb66ad082373817cef8c4df2253127b49c38a5f71c76',2,'2 active VMAs, 2 under a BAA, 3 live EHR accounts; 1 needs action today','{"accepted":0,"critical":0,"findings":1,"high":1,"low":0,"medium":0,"not_evaluated":2,"population":36,"satisfied":33,"with_findings":1}');
CREATE TABLE collection (
	audit INTEGER NOT NULL, 
	system VARCHAR NOT NULL, 
	complete BOOLEAN NOT NULL, 
	source VARCHAR NOT NULL, 
	as_of VARCHAR NOT NULL, 
	evidence VARCHAR NOT NULL, 
	reason VARCHAR, 
	hint VARCHAR, 
	accounts INTEGER NOT NULL, 
	PRIMARY KEY (audit, system), 
	FOREIGN KEY(audit) REFERENCES audit (id)
);
INSERT INTO "collection" VALUES(1,'ehr',1,'users.csv','2026-11-10T18:00:00.000000Z','[["pages","1"],["end","end of file after 3 rows"],["sha256","users.csv 34ccf5e7057935c6f547960bf7a4ad32dc5990715c4f41fe17bb31e883e66742"],["proof","a canary alone: the report states no total, and `expect_accounts` is not set"],["canary","reader seen"]]',NULL,NULL,3);
INSERT INTO "collection" VALUES(2,'ehr',1,'users.csv','2026-11-20T18:00:00.000000Z','[["pages","1"],["end","end of file after 3 rows"],["sha256","users.csv 9dfa2f31bcb770e6202a84765ca41d6568ec6a1e66dfa5b6ac8d951e4a1a121e"],["proof","a canary alone: the report states no total, and `expect_accounts` is not set"],["canary","reader seen"]]',NULL,NULL,3);
INSERT INTO "collection" VALUES(3,'ehr',1,'users.csv','2026-11-22T18:00:00.000000Z','[["pages","1"],["end","end of file after 3 rows"],["sha256","users.csv 9dfa2f31bcb770e6202a84765ca41d6568ec6a1e66dfa5b6ac8d951e4a1a121e"],["proof","a canary alone: the report states no total, and `expect_accounts` is not set"],["canary","reader seen"]]',NULL,NULL,3);
CREATE TABLE engagement (
	id INTEGER NOT NULL, 
	practice VARCHAR NOT NULL, 
	from_audit INTEGER NOT NULL, 
	to_audit INTEGER, 
	vma VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	email VARCHAR, 
	kind VARCHAR NOT NULL, 
	logins VARCHAR NOT NULL, 
	owner VARCHAR, 
	agency VARCHAR, 
	employment VARCHAR NOT NULL, 
	roles VARCHAR NOT NULL, 
	start VARCHAR NOT NULL, 
	"end" VARCHAR, 
	locations VARCHAR NOT NULL, 
	hours VARCHAR, 
	on_leave BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(from_audit) REFERENCES audit (id), 
	FOREIGN KEY(to_audit) REFERENCES audit (id)
);
INSERT INTO "engagement" VALUES(1,'small',1,2,'ana','Ana Reyes',NULL,'vma','[]',NULL,'Harbor Assist LLC','employee','["scheduler"]','2026-11-01','2026-11-12','[]',NULL,0);
INSERT INTO "engagement" VALUES(2,'small',1,NULL,'bea','Bea Cruz',NULL,'vma','[]',NULL,'Harbor Assist LLC','employee','["scheduler"]','2026-10-15',NULL,'[]',NULL,0);
INSERT INTO "engagement" VALUES(3,'small',1,2,'cy','Cy Cole',NULL,'vma','[]',NULL,'Harbor Assist LLC','employee','["scheduler"]','2026-11-01',NULL,'[]',NULL,0);
INSERT INTO "engagement" VALUES(4,'small',2,NULL,'ana','Ana Reyes',NULL,'vma','[]',NULL,'Tide Partners Inc','employee','["billing"]','2026-11-13',NULL,'[]',NULL,0);
CREATE TABLE entitlement (
	id INTEGER NOT NULL, 
	practice VARCHAR NOT NULL, 
	from_audit INTEGER NOT NULL, 
	to_audit INTEGER, 
	system VARCHAR NOT NULL, 
	entitlement VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	aliases VARCHAR NOT NULL, 
	document VARCHAR, 
	container BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(from_audit) REFERENCES audit (id), 
	FOREIGN KEY(to_audit) REFERENCES audit (id)
);
INSERT INTO "entitlement" VALUES(1,'small',1,NULL,'ehr','Nothing','Nothing','role','[]',NULL,0);
INSERT INTO "entitlement" VALUES(2,'small',1,NULL,'ehr','Scheduling','Scheduling','role','[]',NULL,0);
INSERT INTO "entitlement" VALUES(3,'small',2,NULL,'ehr','Claims','Claims','role','[]',NULL,0);
CREATE TABLE finding (
	id INTEGER NOT NULL, 
	practice VARCHAR NOT NULL, 
	from_audit INTEGER NOT NULL, 
	to_audit INTEGER, 
	finding VARCHAR NOT NULL, 
	rule VARCHAR NOT NULL, 
	severity VARCHAR NOT NULL, 
	subject_kind VARCHAR NOT NULL, 
	subject_id VARCHAR NOT NULL, 
	subject_name VARCHAR NOT NULL, 
	system VARCHAR, 
	what VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	observed VARCHAR NOT NULL, 
	expected VARCHAR NOT NULL, 
	remedy VARCHAR NOT NULL, 
	path VARCHAR NOT NULL, 
	citations VARCHAR NOT NULL, 
	since VARCHAR, 
	vma VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(from_audit) REFERENCES audit (id), 
	FOREIGN KEY(to_audit) REFERENCES audit (id)
);
INSERT INTO "finding" VALUES(1,'small',1,2,'F-52RNHPIKNB','fewer-accounts-than-people','medium','system','ehr/scheduler','EHR, scheduler','ehr','scheduler','3 people work as scheduler with 2 accounts in EHR: a shared log-in is likely','Ana Reyes, Bea Cruz, Cy Cole work with ana, bea','an account for each person who needs one','give each person an account of their own in EHR, then disable ana, bea and change its password','[["vma","ana","Ana Reyes, scheduler through Harbor Assist LLC"],["account","ana","ana in EHR: active; the account has the person''s full name, which nobody else has"],["vma","bea","Bea Cruz, scheduler through Harbor Assist LLC"],["account","bea","bea in EHR: active; the account has the person''s full name, which nobody else has"]]','[["164.312(a)(2)(i)","R","Each user has a unique name or number, so that identity can be tracked.",["ia-2","ia-4","ac-2.9"]]]',NULL,NULL);
INSERT INTO "finding" VALUES(2,'small',1,NULL,'F-CE3FU6WCI6','account-of-nobody','high','account','ehr:reader','reader','ehr','','reader in EHR belongs to nobody on the roster','a live account named `Audit Reader`; no rule names an owner','an owner on the roster or in the staff file','find out who uses reader in EHR; add the owner to the roster or the staff file, or disable the account today','[["account","reader","reader in EHR: active; no rule names an owner"]]','[["164.308(a)(3)(ii)(C)","A","Access ends when the employment or other arrangement ends, or when clearance requires it.",["ps-4","ac-2.3","ac-2_smt.h","ps-7"]],["164.308(a)(4)(ii)(C)","A","A user''s right of access is established, documented, reviewed and modified by policy.",["ac-2_smt.j","ac-6.7","ac-2.3","ps-5"]],["164.312(a)(2)(i)","R","Each user has a unique name or number, so that identity can be tracked.",["ia-2","ia-4","ac-2.9"]]]',NULL,NULL);
INSERT INTO "finding" VALUES(3,'small',1,2,'F-H6BA67PPPG','missing','low','vma','cy','Cy Cole',NULL,'','Cy Cole lacks access that the role requires','cannot see demographics and contact data, see the schedule, book and change appointments; has live accounts in no system at all','what scheduler requires','create an account for Cy Cole in EHR, and give it Scheduling','[["vma","cy","Cy Cole, scheduler through Harbor Assist LLC"],["capability","demographics.read, schedule.read, schedule.write","can see demographics and contact data, see the schedule, book and change appointments"],["template","scheduler","Scheduler, version 1: demographics.read: scheduler.yaml line 10; schedule.read: scheduler.yaml line 8; and 1 more"]]','[["164.308(a)(4)(ii)(B)","A","Policies say how access to a workstation, transaction, program or process is granted.",["ac-2_smt.d","ac-2_smt.e"]],["164.308(a)(4)(ii)(C)","A","A user''s right of access is established, documented, reviewed and modified by policy.",["ac-2_smt.j","ac-6.7","ac-2.3","ps-5"]]]',NULL,'cy');
CREATE TABLE grant (
	id INTEGER NOT NULL, 
	practice VARCHAR NOT NULL, 
	from_audit INTEGER NOT NULL, 
	to_audit INTEGER, 
	system VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	entitlement VARCHAR NOT NULL, 
	path VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(from_audit) REFERENCES audit (id), 
	FOREIGN KEY(to_audit) REFERENCES audit (id)
);
INSERT INTO "grant" VALUES(1,'small',1,2,'ehr','ana','Scheduling','[]');
INSERT INTO "grant" VALUES(2,'small',1,NULL,'ehr','bea','Scheduling','[]');
INSERT INTO "grant" VALUES(3,'small',1,NULL,'ehr','reader','Nothing','[]');
INSERT INTO "grant" VALUES(4,'small',2,NULL,'ehr','ana','Claims','[]');
CREATE TABLE ledger (
	n INTEGER NOT NULL, 
	body VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	signature VARCHAR NOT NULL, 
	PRIMARY KEY (n)
);
INSERT INTO "ledger" VALUES(1,'{"at":"2026-11-10T18:00:00.000000Z","audit":1,"changes":"10efbc56975773bc17f548e60258ef7df35d71988af3d07f0d79f9ac1fe71859","n":1,"policy":"d8cf92d075f04e1dcea9fb0f04366cbf8a8500cbcdc895b380bff0e2403f08b7","practice":"small","prev":"0000000000000000000000000000000000000000000000000000000000000000","result":"f289d78be8e511dbc0491243f63c6ce82b62d2a13c28ea2f12d22b5e27a7b0c7","rows":{"account":[3,0],"audit":[1,0],"collection":[1,0],"engagement":[3,0],"entitlement":[2,0],"finding":[3,0],"grant":[3,0],"owner":[3,0],"sign_in":[3,0],"term":[14,0]},"tool_version":"0.1.0"}','7d04882f2227c89117da3d7b8d56fe7ead4afd43318646cad73d8fa820c3bf9e','ip9KItNv9NpYjbAUYdAe8G7TR2mfzXpHGbWnygTYpGyFwJe5TF6unFeppq4gktZN4Xxhcha9VqNnDzn1+zwoBw==');
INSERT INTO "ledger" VALUES(2,'{"at":"2026-11-20T18:00:00.000000Z","audit":2,"changes":"9a4c9430906bfb684a69bc089090bde61a117dc3e9cdf50084923c8a51a50ccb","n":2,"policy":"d8cf92d075f04e1dcea9fb0f04366cbf8a8500cbcdc895b380bff0e2403f08b7","practice":"small","prev":"7d04882f2227c89117da3d7b8d56fe7ead4afd43318646cad73d8fa820c3bf9e","result":"d07ac7891d1693cdf94364990d7a61d1d13eb3cb630887cafb06a96ea5e4a7d1","rows":{"audit":[1,0],"collection":[1,0],"engagement":[1,2],"entitlement":[1,0],"finding":[0,2],"grant":[1,1]},"tool_version":"0.1.0"}','7fb279b454be8358ddb586b79909930c1ad7ecec46d3d2d5c188d904b76c288b','Ll7f1A6P0wAf3irzmNqtiQ7iEClwIYTANTgsPL7xccmR9Wq2mu6/PbbVj43agsV2RE0tRCM48TW2K2elGCe9DA==');
INSERT INTO "ledger" VALUES(3,'{"at":"2026-11-22T18:00:00.000000Z","audit":3,"changes":"b4b7669e918e3bcd8116aac10263b533bdc530ec24ba1cb1ccf09b1a62b268dd","n":3,"policy":"d8cf92d075f04e1dcea9fb0f04366cbf8a8500cbcdc895b380bff0e2403f08b7","practice":"small","prev":"7fb279b454be8358ddb586b79909930c1ad7ecec46d3d2d5c188d904b76c288b","result":"ffe09c9fa27fd6d5580fbb66ad082373817cef8c4df2253127b49c38a5f71c76","rows":{"audit":[1,0],"collection":[1,0]},"tool_version":"0.1.0"}','2d1230a18df64c96f126da1b6b363ee83360b69855586861ceee806952c1c82c','/3nEwapRscASiN0hz3i2vWX/8ECr+yFRPCLnF/0zfnQ/lxyBrsXzSbnnDVfCINJuiqVBJVENqLPdeKK9VV9BCQ==');
CREATE TABLE owner (
	id INTEGER NOT NULL, 
	practice VARCHAR NOT NULL, 
	from_audit INTEGER NOT NULL, 
	to_audit INTEGER, 
	system VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	people VARCHAR NOT NULL, 
	kind VARCHAR, 
	reason VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(from_audit) REFERENCES audit (id), 
	FOREIGN KEY(to_audit) REFERENCES audit (id)
);
INSERT INTO "owner" VALUES(1,'small',1,NULL,'ehr','ana','["ana"]','vma','the account has the person''s full name, which nobody else has');
INSERT INTO "owner" VALUES(2,'small',1,NULL,'ehr','bea','["bea"]','vma','the account has the person''s full name, which nobody else has');
INSERT INTO "owner" VALUES(3,'small',1,NULL,'ehr','reader','[]',NULL,'no rule names an owner');
CREATE TABLE sign_in (
	id INTEGER NOT NULL, 
	practice VARCHAR NOT NULL, 
	from_audit INTEGER NOT NULL, 
	to_audit INTEGER, 
	system VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	last_login VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(from_audit) REFERENCES audit (id), 
	FOREIGN KEY(to_audit) REFERENCES audit (id)
);
INSERT INTO "sign_in" VALUES(1,'small',1,NULL,'ehr','ana','2026-11-25T00:00:00.000000Z');
INSERT INTO "sign_in" VALUES(2,'small',1,NULL,'ehr','bea','2026-11-25T00:00:00.000000Z');
INSERT INTO "sign_in" VALUES(3,'small',1,NULL,'ehr','reader','2026-11-25T00:00:00.000000Z');
CREATE TABLE statement (
	statement VARCHAR NOT NULL, 
	practice VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	signature VARCHAR NOT NULL, 
	audit INTEGER, 
	PRIMARY KEY (statement), 
	FOREIGN KEY(audit) REFERENCES audit (id)
);
CREATE TABLE term (
	id INTEGER NOT NULL, 
	practice VARCHAR NOT NULL, 
	from_audit INTEGER NOT NULL, 
	to_audit INTEGER, 
	kind VARCHAR NOT NULL, 
	term VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(from_audit) REFERENCES audit (id), 
	FOREIGN KEY(to_audit) REFERENCES audit (id)
);
INSERT INTO "term" VALUES(1,'small',1,NULL,'agreement','B1','{"from":"2026-01-01","headcount":"no cap","kind":"baa","parties":["practice","Harbor Assist LLC"],"people":"nobody in particular","phi":"all","signed":1,"systems":"all","to":""}');
INSERT INTO "term" VALUES(2,'small',1,NULL,'agreement','B2','{"from":"2026-01-01","headcount":"no cap","kind":"baa","parties":["practice","Tide Partners Inc"],"people":"nobody in particular","phi":"all","signed":1,"systems":"all","to":""}');
INSERT INTO "term" VALUES(3,'small',1,NULL,'system','ehr','{"holds_phi":1,"product":"small-ehr","title":"EHR"}');
INSERT INTO "term" VALUES(4,'small',1,NULL,'template','billing','{"allows":["authorization.read","call.handle","charge.read","claim.read","claim.submit","coverage.read","demographics.read","desktop.use","directory.read","document.read","eligibility.check","ledger.read","mail.use","payment.post","report.financial","task.read","vpn.use"],"never":["note.draft","payment.collect","payment.refund"],"requires":["charge.read","claim.read","claim.submit","coverage.read","demographics.read","ledger.read"]}');
INSERT INTO "term" VALUES(5,'small',1,NULL,'template','front_desk','{"allows":["alert.read","call.handle","coverage.read","coverage.write","demographics.read","demographics.write","desktop.use","directory.read","mail.use","message.read","message.send","reminder.read","schedule.read","schedule.write","task.read","vpn.use"],"never":["claim.submit","payment.post","payment.refund"],"requires":["demographics.read","demographics.write","schedule.read","schedule.write"]}');
INSERT INTO "term" VALUES(6,'small',1,NULL,'template','generalist','{"allows":["alert.read","call.handle","coverage.read","coverage.write","demographics.read","demographics.write","desktop.use","directory.read","eligibility.check","mail.use","message.read","message.send","reminder.read","reminder.send","schedule.read","schedule.write","task.read","vpn.use"],"never":["charge.read","charge.write","claim.read","claim.submit","ledger.read","note.draft","note.read","payment.collect","payment.post","payment.refund","problem.read","problem.write","report.financial","result.read"],"requires":["demographics.read","demographics.write","message.read","message.send","schedule.read","schedule.write"]}');
INSERT INTO "term" VALUES(7,'small',1,NULL,'template','insurance_verification','{"allows":["call.handle","coverage.read","coverage.write","demographics.read","demographics.write","desktop.use","directory.read","document.add","document.read","eligibility.check","mail.use","schedule.read","task.read","vpn.use"],"never":["claim.submit","payment.post","payment.refund"],"requires":["coverage.read","coverage.write","demographics.read","schedule.read"]}');
INSERT INTO "term" VALUES(8,'small',1,NULL,'template','medical_scribe','{"allows":["coverage.read","demographics.read","desktop.use","directory.read","document.add","document.read","mail.use","note.draft","note.read","prescription.read","problem.read","problem.write","recording.read","result.read","schedule.read","task.read","vpn.use"],"never":["charge.write","claim.submit","payment.post","payment.refund"],"requires":["demographics.read","note.draft","note.read","problem.read","schedule.read"]}');
INSERT INTO "term" VALUES(9,'small',1,NULL,'template','patient_communication','{"allows":["alert.read","call.handle","coverage.read","demographics.read","desktop.use","directory.read","mail.use","message.read","message.send","reminder.read","reminder.send","schedule.read","task.read","vpn.use"],"never":["claim.submit","payment.post","payment.refund"],"requires":["demographics.read","message.read","message.send","schedule.read"]}');
INSERT INTO "term" VALUES(10,'small',1,NULL,'template','payment_posting','{"allows":["charge.read","claim.read","claim.submit","coverage.read","demographics.read","desktop.use","directory.read","document.read","ledger.read","mail.use","payment.post","task.read","vpn.use"],"never":["charge.write","coverage.write","demographics.write","payment.collect","payment.refund"],"requires":["demographics.read","ledger.read","payment.post"]}');
INSERT INTO "term" VALUES(11,'small',1,NULL,'template','prior_authorization','{"allows":["authorization.read","authorization.write","call.handle","coverage.read","demographics.read","desktop.use","directory.read","document.add","document.read","eligibility.check","mail.use","note.read","prescription.read","problem.read","referral.read","result.read","schedule.read","task.read","vpn.use"],"never":["claim.submit","note.draft","payment.post","payment.refund","problem.write"],"requires":["coverage.read","demographics.read","document.add","document.read","note.read","problem.read"]}');
INSERT INTO "term" VALUES(12,'small',1,NULL,'template','referral_coordinator','{"allows":["authorization.read","call.handle","coverage.read","demographics.read","desktop.use","directory.read","document.add","document.read","mail.use","problem.read","referral.read","referral.write","schedule.read","schedule.write","task.read","vpn.use"],"never":["claim.submit","note.draft","payment.post","payment.refund","problem.write"],"requires":["demographics.read","referral.read","referral.write","schedule.read","schedule.write"]}');
INSERT INTO "term" VALUES(13,'small',1,NULL,'template','scheduler','{"allows":["call.handle","coverage.read","demographics.read","desktop.use","directory.read","mail.use","reminder.read","schedule.read","schedule.write","task.read","vpn.use"],"never":["claim.submit","coverage.write","demographics.write","payment.post","payment.refund"],"requires":["demographics.read","schedule.read","schedule.write"]}');
INSERT INTO "term" VALUES(14,'small',1,NULL,'template','team_lead','{"allows":["coverage.read","demographics.read","desktop.use","directory.read","mail.use","message.read","report.operational","schedule.read","task.read","task.write","team.read","vpn.use"],"never":["claim.submit","note.draft","note.read","payment.collect","payment.post","payment.refund"],"requires":["demographics.read","schedule.read"]}');
CREATE INDEX ix_audit_practice ON audit (practice);
CREATE UNIQUE INDEX ix_account_now ON account (practice, system, account) WHERE to_audit IS NULL;
CREATE INDEX ix_account_from ON account (from_audit);
CREATE INDEX ix_account_to ON account (to_audit) WHERE to_audit IS NOT NULL;
CREATE UNIQUE INDEX ix_sign_in_now ON sign_in (practice, system, account) WHERE to_audit IS NULL;
CREATE INDEX ix_sign_in_from ON sign_in (from_audit);
CREATE INDEX ix_sign_in_to ON sign_in (to_audit) WHERE to_audit IS NOT NULL;
CREATE UNIQUE INDEX ix_owner_now ON owner (practice, system, account) WHERE to_audit IS NULL;
CREATE INDEX ix_owner_from ON owner (from_audit);
CREATE INDEX ix_owner_to ON owner (to_audit) WHERE to_audit IS NOT NULL;
CREATE UNIQUE INDEX ix_entitlement_now ON entitlement (practice, system, entitlement) WHERE to_audit IS NULL;
CREATE INDEX ix_entitlement_from ON entitlement (from_audit);
CREATE INDEX ix_entitlement_to ON entitlement (to_audit) WHERE to_audit IS NOT NULL;
CREATE UNIQUE INDEX ix_grant_now ON grant (practice, system, account, entitlement, path) WHERE to_audit IS NULL;
CREATE INDEX ix_grant_from ON grant (from_audit);
CREATE INDEX ix_grant_to ON grant (to_audit) WHERE to_audit IS NOT NULL;
CREATE UNIQUE INDEX ix_engagement_now ON engagement (practice, vma) WHERE to_audit IS NULL;
CREATE INDEX ix_engagement_from ON engagement (from_audit);
CREATE INDEX ix_engagement_to ON engagement (to_audit) WHERE to_audit IS NOT NULL;
CREATE UNIQUE INDEX ix_finding_now ON finding (practice, finding) WHERE to_audit IS NULL;
CREATE INDEX ix_finding_from ON finding (from_audit);
CREATE INDEX ix_finding_to ON finding (to_audit) WHERE to_audit IS NOT NULL;
CREATE INDEX ix_finding_finding ON finding (finding);
CREATE INDEX ix_statement_practice ON statement (practice);
CREATE INDEX ix_statement_audit ON statement (audit);
CREATE UNIQUE INDEX ix_term_now ON term (practice, kind, term) WHERE to_audit IS NULL;
CREATE INDEX ix_term_from ON term (from_audit);
CREATE INDEX ix_term_to ON term (to_audit) WHERE to_audit IS NOT NULL;
COMMIT;
