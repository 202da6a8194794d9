-- The tables of OpenEMR that matter here, with the names and types of its columns (database version 541, ACL version 13).
-- Written for these tests; patients and what else OpenEMR keeps are represented by two tables.
CREATE TABLE users (
  id bigint(20) NOT NULL AUTO_INCREMENT PRIMARY KEY, uuid binary(16) DEFAULT NULL UNIQUE, username varchar(255) DEFAULT NULL,
  password longtext, authorized tinyint(4) DEFAULT NULL, info longtext, source tinyint(4) DEFAULT NULL,
  fname varchar(255) DEFAULT NULL, mname varchar(255) DEFAULT NULL, lname varchar(255) DEFAULT NULL,
  federaltaxid varchar(255) DEFAULT NULL, upin varchar(255) DEFAULT NULL, facility varchar(255) DEFAULT NULL,
  facility_id int(11) NOT NULL DEFAULT 0, see_auth int(11) NOT NULL DEFAULT 1, active tinyint(1) NOT NULL DEFAULT 1,
  npi varchar(15) DEFAULT NULL, title varchar(30) DEFAULT NULL, specialty varchar(255) DEFAULT NULL,
  email varchar(255) DEFAULT NULL, google_signin_email varchar(255) DEFAULT NULL UNIQUE,
  abook_type varchar(31) NOT NULL DEFAULT '', main_menu_role varchar(50) NOT NULL DEFAULT 'standard',
  portal_user tinyint(1) NOT NULL DEFAULT 0, supervisor_id int(11) NOT NULL DEFAULT 0,
  date_created datetime NOT NULL DEFAULT current_timestamp(),
  last_updated datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
) ENGINE=InnoDB;
CREATE TABLE users_secure (
  id bigint(20) NOT NULL PRIMARY KEY, username varchar(255) DEFAULT NULL, password varchar(255) DEFAULT NULL,
  last_update_password datetime DEFAULT NULL,
  last_update timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  password_history1 varchar(255) DEFAULT NULL, password_history2 varchar(255) DEFAULT NULL,
  password_history3 varchar(255) DEFAULT NULL, password_history4 varchar(255) DEFAULT NULL,
  last_challenge_response datetime DEFAULT NULL, login_work_area text DEFAULT NULL,
  total_login_fail_counter bigint(20) DEFAULT 0, login_fail_counter int(11) DEFAULT 0,
  last_login_fail datetime DEFAULT NULL, auto_block_emailed tinyint(4) DEFAULT 0,
  UNIQUE KEY USERNAME_ID (id, username)
) ENGINE=InnoDB;
CREATE TABLE `groups` (
  id bigint(20) NOT NULL AUTO_INCREMENT PRIMARY KEY, name longtext DEFAULT NULL, user longtext DEFAULT NULL
) ENGINE=InnoDB;
CREATE TABLE login_mfa_registrations (
  user_id bigint(20) NOT NULL, name varchar(255) NOT NULL, last_challenge datetime DEFAULT NULL,
  method varchar(31) NOT NULL, var1 varchar(4096) NOT NULL DEFAULT '', var2 varchar(256) NOT NULL DEFAULT '',
  PRIMARY KEY (user_id, name)
) ENGINE=InnoDB;
CREATE TABLE facility (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(255) DEFAULT NULL, phone varchar(30) DEFAULT NULL,
  street varchar(255) DEFAULT NULL, federal_ein varchar(15) DEFAULT NULL, inactive tinyint(1) NOT NULL DEFAULT 0
) ENGINE=InnoDB;
CREATE TABLE users_facility (
  tablename varchar(64) NOT NULL, table_id int(11) NOT NULL, facility_id int(11) NOT NULL,
  warehouse_id varchar(31) NOT NULL DEFAULT '', PRIMARY KEY (tablename, table_id, facility_id, warehouse_id)
) ENGINE=InnoDB;
CREATE TABLE log (
  id bigint(20) NOT NULL AUTO_INCREMENT PRIMARY KEY, date datetime DEFAULT NULL, event varchar(255) DEFAULT NULL,
  category varchar(255) DEFAULT NULL, user varchar(255) DEFAULT NULL, groupname varchar(255) DEFAULT NULL,
  comments longtext DEFAULT NULL, user_notes longtext DEFAULT NULL, patient_id bigint(20) DEFAULT NULL,
  success tinyint(1) DEFAULT 1, crt_user varchar(255) DEFAULT NULL, log_from varchar(20) DEFAULT 'open-emr',
  menu_item_id int(11) DEFAULT NULL, ccda_doc_id int(11) DEFAULT NULL, KEY patient_id (patient_id)
) ENGINE=InnoDB;
CREATE TABLE log_comment_encrypt (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY, log_id int(11) NOT NULL, encrypt enum('Yes','No') NOT NULL DEFAULT 'No',
  checksum longtext DEFAULT NULL, checksum_api longtext DEFAULT NULL, version tinyint(4) NOT NULL DEFAULT 0, KEY log_id (log_id)
) ENGINE=InnoDB;
CREATE TABLE gacl_aro (
  id int(11) NOT NULL DEFAULT 0 PRIMARY KEY, section_value varchar(150) NOT NULL DEFAULT '0', value varchar(150) NOT NULL,
  order_value int(11) NOT NULL DEFAULT 0, name varchar(255) NOT NULL DEFAULT '', hidden int(11) NOT NULL DEFAULT 0,
  UNIQUE KEY gacl_section_value_value_aro (section_value, value)
) ENGINE=InnoDB;
CREATE TABLE gacl_aro_groups (
  id int(11) NOT NULL DEFAULT 0, parent_id int(11) NOT NULL DEFAULT 0, lft int(11) NOT NULL DEFAULT 0,
  rgt int(11) NOT NULL DEFAULT 0, name varchar(255) NOT NULL, value varchar(150) NOT NULL,
  PRIMARY KEY (id, value), UNIQUE KEY gacl_value_aro_groups (value)
) ENGINE=InnoDB;
CREATE TABLE gacl_groups_aro_map (
  group_id int(11) NOT NULL DEFAULT 0, aro_id int(11) NOT NULL DEFAULT 0, PRIMARY KEY (group_id, aro_id), KEY (aro_id)
) ENGINE=InnoDB;
CREATE TABLE gacl_aro_groups_map (
  acl_id int(11) NOT NULL DEFAULT 0, group_id int(11) NOT NULL DEFAULT 0, PRIMARY KEY (acl_id, group_id)
) ENGINE=InnoDB;
CREATE TABLE gacl_aro_map (
  acl_id int(11) NOT NULL DEFAULT 0, section_value varchar(150) NOT NULL DEFAULT '0', value varchar(150) NOT NULL,
  PRIMARY KEY (acl_id, section_value, value)
) ENGINE=InnoDB;
CREATE TABLE gacl_acl (
  id int(11) NOT NULL DEFAULT 0 PRIMARY KEY, section_value varchar(150) NOT NULL DEFAULT 'system',
  allow int(11) NOT NULL DEFAULT 0, enabled int(11) NOT NULL DEFAULT 0, return_value text DEFAULT NULL,
  note text DEFAULT NULL, updated_date int(11) NOT NULL DEFAULT 0
) ENGINE=InnoDB;
CREATE TABLE gacl_aco (
  id int(11) NOT NULL DEFAULT 0 PRIMARY KEY, section_value varchar(150) NOT NULL DEFAULT '0', value varchar(150) NOT NULL,
  order_value int(11) NOT NULL DEFAULT 0, name varchar(255) NOT NULL DEFAULT '', hidden int(11) NOT NULL DEFAULT 0
) ENGINE=InnoDB;
CREATE TABLE gacl_aco_map (
  acl_id int(11) NOT NULL DEFAULT 0, section_value varchar(150) NOT NULL DEFAULT '0', value varchar(150) NOT NULL,
  PRIMARY KEY (acl_id, section_value, value)
) ENGINE=InnoDB;
CREATE TABLE gacl_axo_map (
  acl_id int(11) NOT NULL DEFAULT 0, section_value varchar(150) NOT NULL DEFAULT '0', value varchar(150) NOT NULL,
  PRIMARY KEY (acl_id, section_value, value)
) ENGINE=InnoDB;
CREATE TABLE gacl_axo_groups_map (
  acl_id int(11) NOT NULL DEFAULT 0, group_id int(11) NOT NULL DEFAULT 0, PRIMARY KEY (acl_id, group_id)
) ENGINE=InnoDB;
CREATE TABLE globals (
  gl_name varchar(63) NOT NULL, gl_index int(11) NOT NULL DEFAULT 0, gl_value varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (gl_name, gl_index)
) ENGINE=InnoDB;
CREATE TABLE patient_data (
  id bigint(20) NOT NULL AUTO_INCREMENT PRIMARY KEY, pid bigint(20) NOT NULL DEFAULT 0, fname varchar(255) NOT NULL DEFAULT '',
  lname varchar(255) NOT NULL DEFAULT '', DOB date DEFAULT NULL, ss varchar(255) NOT NULL DEFAULT ''
) ENGINE=InnoDB;
