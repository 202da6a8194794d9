set -euo pipefail
umask 077
mkdir -p openemr && cd openemr
client=$(command -v mariadb || command -v mysql)
ask() { "$client" --batch --raw --skip-column-names --default-character-set=utf8mb4 "${DATABASE:-openemr}" --execute "$1"; }
csv() { # file, columns (`?`: older versions lack it), rest of the statement, `may-be-missing`: the table, too
  local have cells="" names="" column name
  have=" $(ask "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
      AND TABLE_NAME = '$1'" | tr '\n' ' ')"
  if [ -n "${4:-}" ] && [ "$have" = " " ]; then return; fi
  for column in ${2//,/ }; do
    name=${column%\?}
    if [ "$name" != "$column" ] && [ "${have/ $name /}" = "$have" ]; then continue; fi
    names="$names,$name"
    cells="$cells,CONCAT('\"',REPLACE(IFNULL($name,''),'\"','\"\"'),'\"')"
  done
  { echo "${names#,}"; ask "SELECT CONCAT_WS(',',${cells#,}) $3"; } > "$1.part"
  mv "$1.part" "$1.csv"
}
csv users id,username,fname,mname,lname,email,active,facility_id,date_created?,google_signin_email? "FROM users WHERE username <> ''"
csv users_secure id,username,login_fail_counter?,last_update_password? "FROM users_secure WHERE username <> ''"
csv groups user 'FROM `groups`'
csv gacl_aro id,section_value,value "FROM gacl_aro"
csv gacl_aro_groups id,parent_id,lft,rgt,name,value "FROM gacl_aro_groups"
csv gacl_groups_aro_map group_id,aro_id "FROM gacl_groups_aro_map"
csv gacl_aro_groups_map acl_id,group_id "FROM gacl_aro_groups_map"
csv gacl_aro_map acl_id,section_value,value "FROM gacl_aro_map"
csv gacl_acl id,allow,enabled,return_value "FROM gacl_acl"
csv gacl_aco_map acl_id,section_value,value "FROM gacl_aco_map"
csv gacl_axo_map acl_id "FROM gacl_axo_map"
csv gacl_axo_groups_map acl_id "FROM gacl_axo_groups_map"
csv login_mfa_registrations user_id,method "FROM login_mfa_registrations" may-be-missing
csv facility id,name "FROM facility"
csv users_facility table_id,facility_id "FROM users_facility WHERE tablename = 'users'"
csv last_login username,last_login "FROM (SELECT user AS username, MAX(date) AS last_login FROM log WHERE event = 'login' AND success = 1 GROUP BY user) AS sign_ins"
