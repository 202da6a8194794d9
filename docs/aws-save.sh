#!/usr/bin/env bash
# Saves what `aws-json`, `amazon-connect-json` and `workspaces-json` read from a folder: `./aws-save.sh FOLDER [PART…]`.
#
# PART: access-keys, login-profiles, mfa-devices, service-last-accessed, organization, identity-center, account-access,
# resources, trail (when access changed, by CloudTrail), amazon-connect, workspaces. In the environment: resources that hold PHI in PHI_ARNS="arn:… arn:…" and
# PHI_TAGS="key=value key=value" (PHI_REGIONS="us-east-1 us-west-2": where to look for tags), the instance of Amazon
# Connect in CONNECT_INSTANCE=arn:…, and the home of Identity Center in IDENTITY_CENTER_REGION=us-east-1.
# Needs the AWS command line and jq, and only the rights that `auditor connect aws` prints. A call that is refused is
# saved as refused, so the audit says which question stays open.
set -uo pipefail
umask 077
export AWS_PAGER=
out=${1:?usage: aws-save.sh FOLDER [PART...]}
shift
mkdir -p "$out" && rm -f "$out"/*.jsonl "$out"/.error "$out"/.asked
touch "$out"/.asked

# ask NAME REQUEST COMMAND...: one answer, with what tells it apart, or the refusal.
ask() {
  local name=$1 request=$2 answer code
  shift 2
  case $1 in
    sso-admin | identitystore | account-access)
      set -- "$@" ${IDENTITY_CENTER_REGION:+--region "$IDENTITY_CENTER_REGION"} ;;
  esac
  if grep -qxF -- "$*" "$out/.asked"; then return; fi
  printf '%s\n' "$*" >>"$out/.asked"
  if answer=$(aws "$@" --output json 2>"$out/.error"); then
    jq -c --argjson request "$request" 'if $request == {} then . else . + {Request: $request} end' \
      <<<"${answer:-{\}}" >>"$out/$name.jsonl"
  else
    code=$(sed -n 's/.*An error occurred (\([A-Za-z0-9.]*\)).*/\1/p' "$out/.error" | head -1)
    if [ -z "$code" ]; then
      cat "$out/.error" >&2
      exit 1
    fi
    jq -cn --arg code "$code" --argjson request "$request" \
      '{Error: {Code: $code}} + if $request == {} then {} else {Request: $request} end' >>"$out/$name.jsonl"
  fi
}

# of NAME FILTER: values from what was saved, one a line.
of() { [ ! -e "$out/$1.jsonl" ] || jq -r "$2" "$out/$1.jsonl" | sort -u; }

# it KEY VALUE...: a JSON object.
it() { jq -cn '[$ARGS.positional | range(0; length; 2) as $i | {key: .[$i], value: .[$i + 1]}] | from_entries' --args "$@"; }

# report: has the credential report made, and says how far it is.
report() { aws iam generate-credential-report --query State --output text 2>/dev/null || echo REFUSED; }

base() {
  ask sts.GetCallerIdentity '{}' sts get-caller-identity
  while case $(report) in STARTED | INPROGRESS) true ;; *) false ;; esac do sleep 2; done
  ask iam.GetCredentialReport '{}' iam get-credential-report
  ask iam.GetAccountAuthorizationDetails '{}' iam get-account-authorization-details
  ask iam.GetAccountSummary '{}' iam get-account-summary
  # Users who are newer than the credential report are asked for their MFA devices; here everybody is.
  mfa-devices
  account=$(of sts.GetCallerIdentity .Account)
}

users() { of iam.GetAccountAuthorizationDetails '.UserDetailList[].UserName'; }

mfa-devices() {
  [ -e "$out/iam.ListMFADevices.jsonl" ] && return
  for user in $(users); do
    ask iam.ListMFADevices "$(it UserName "$user")" iam list-mfa-devices --user-name "$user"
  done
}

access-keys() {
  for user in $(users); do
    ask iam.ListAccessKeys "$(it UserName "$user")" iam list-access-keys --user-name "$user"
  done
  for key in $(of iam.ListAccessKeys '.AccessKeyMetadata[]?.AccessKeyId'); do
    ask iam.GetAccessKeyLastUsed "$(it AccessKeyId "$key")" iam get-access-key-last-used --access-key-id "$key"
  done
}

login-profiles() {
  for user in $(users); do
    ask iam.GetLoginProfile "$(it UserName "$user")" iam get-login-profile --user-name "$user"
  done
}

service-last-accessed() {
  local arn job marker
  for arn in $(of iam.GetAccountAuthorizationDetails \
    '.UserDetailList[].Arn, (.RoleDetailList[] | select(.RoleName | startswith("AWSReservedSSO_")) | .Arn)'); do
    ask iam.GenerateServiceLastAccessedDetails "$(it Arn "$arn")" \
      iam generate-service-last-accessed-details --arn "$arn" --granularity ACTION_LEVEL
  done
  for job in $(of iam.GenerateServiceLastAccessedDetails '.JobId // empty'); do
    while [ "$(aws iam get-service-last-accessed-details --job-id "$job" --query JobStatus --output text 2>/dev/null)" \
      = IN_PROGRESS ]; do
      sleep 2
    done
    marker=
    while
      # The command line does not turn the pages of this one.
      ask iam.GetServiceLastAccessedDetails "$(it JobId "$job")" \
        iam get-service-last-accessed-details --job-id "$job" ${marker:+--marker "$marker"}
      marker=$(tail -n 1 "$out/iam.GetServiceLastAccessedDetails.jsonl" | jq -r '.Marker // empty')
      [ -n "$marker" ]
    do true; done
  done
}

organization() {
  ask organizations.DescribeOrganization '{}' organizations describe-organization
  ask organizations.ListRoots '{}' organizations list-roots
  ask organizations.ListAccounts '{}' organizations list-accounts
  local waiting parent kind target policy
  waiting=$(of organizations.ListRoots '.Roots[]?.Id')
  local places=$waiting
  while [ -n "$waiting" ]; do
    local next=""
    for parent in $waiting; do
      ask organizations.ListAccountsForParent "$(it ParentId "$parent")" \
        organizations list-accounts-for-parent --parent-id "$parent"
      ask organizations.ListOrganizationalUnitsForParent "$(it ParentId "$parent")" \
        organizations list-organizational-units-for-parent --parent-id "$parent"
      next+=" $(of organizations.ListOrganizationalUnitsForParent \
        "select(.Request.ParentId == \"$parent\") | .OrganizationalUnits[]?.Id" | tr '\n' ' ')"
    done
    waiting=$(xargs <<<"$next")
    places+=" $waiting"
  done
  for kind in SERVICE_CONTROL_POLICY RESOURCE_CONTROL_POLICY; do
    for target in $places "$account"; do
      ask organizations.ListPoliciesForTarget "$(it TargetId "$target" Filter "$kind")" \
        organizations list-policies-for-target --target-id "$target" --filter "$kind"
    done
  done
  for policy in $(of organizations.ListPoliciesForTarget '.Policies[]?.Id'); do
    ask organizations.DescribePolicy "$(it PolicyId "$policy")" organizations describe-policy --policy-id "$policy"
  done
}

identity-center() {
  [ -e "$out/sso-admin.ListInstances.jsonl" ] && return
  ask sso-admin.ListInstances '{}' sso-admin list-instances
  local instance store permission_set call group
  for instance in $(of sso-admin.ListInstances '.Instances[]?.InstanceArn'); do
    store=$(of sso-admin.ListInstances ".Instances[]? | select(.InstanceArn == \"$instance\") | .IdentityStoreId")
    ask sso-admin.ListPermissionSetsProvisionedToAccount "$(it InstanceArn "$instance")" \
      sso-admin list-permission-sets-provisioned-to-account --instance-arn "$instance" --account-id "$account"
    ask identitystore.ListUsers "$(it IdentityStoreId "$store")" identitystore list-users --identity-store-id "$store"
    ask identitystore.ListGroups "$(it IdentityStoreId "$store")" identitystore list-groups --identity-store-id "$store"
    for group in $(of identitystore.ListGroups '.Groups[]?.GroupId'); do
      ask identitystore.ListGroupMemberships "$(it GroupId "$group")" \
        identitystore list-group-memberships --identity-store-id "$store" --group-id "$group"
    done
    for permission_set in $(of sso-admin.ListPermissionSetsProvisionedToAccount '.PermissionSets[]?'); do
      ask sso-admin.ListAccountAssignments "$(it PermissionSetArn "$permission_set")" sso-admin list-account-assignments \
        --instance-arn "$instance" --account-id "$account" --permission-set-arn "$permission_set"
      ask sso-admin.DescribePermissionSet "$(it PermissionSetArn "$permission_set")" \
        sso-admin describe-permission-set --instance-arn "$instance" --permission-set-arn "$permission_set"
    done
  done
}

account-access() {
  identity-center
  ask account-access.ListApplications '{}' account-access list-applications
  local application
  for application in $(of account-access.ListApplications '.applications[]?.applicationArn'); do
    ask account-access.ListEntitlements "$(it applicationArn "$application")" account-access list-entitlements \
      --application-arn "$application" --filter "{\"principalRole\": {\"account\": \"$account\"}}"
  done
}

resources() {
  local tag arn name url region where
  for region in ${PHI_REGIONS:-""}; do
    for tag in ${PHI_TAGS:-}; do
      ask resourcegroupstaggingapi.GetResources "$(it Tag "$tag" Region "$region")" resourcegroupstaggingapi \
        get-resources --tag-filters "Key=${tag%%=*},Values=${tag#*=}" ${region:+--region "$region"}
    done
  done
  for arn in ${PHI_ARNS:-}; do
    region=$(cut -d: -f4 <<<"$arn")
    ask resourcegroupstaggingapi.GetResources "$(it Arn "$arn")" \
      resourcegroupstaggingapi get-resources --resource-arn-list "$arn" ${region:+--region "$region"}
  done
  ask s3control.GetPublicAccessBlock '{}' s3control get-public-access-block --account-id "$account"
  for arn in ${PHI_ARNS:-} $(of resourcegroupstaggingapi.GetResources '.ResourceTagMappingList[]?.ResourceARN'); do
    name=${arn##*:}
    region=$(cut -d: -f4 <<<"$arn")
    where=(${region:+--region "$region"})
    case $arn in
      arn:*:s3:::*)
        name=${name%%/*}
        ask s3.GetBucketPolicy "$(it Bucket "$name")" \
          s3api get-bucket-policy --bucket "$name" --expected-bucket-owner "$account"
        ask s3.GetPublicAccessBlock "$(it Bucket "$name")" \
          s3api get-public-access-block --bucket "$name" --expected-bucket-owner "$account"
        ask s3.GetBucketOwnershipControls "$(it Bucket "$name")" \
          s3api get-bucket-ownership-controls --bucket "$name" --expected-bucket-owner "$account"
        ask s3.GetBucketEncryption "$(it Bucket "$name")" \
          s3api get-bucket-encryption --bucket "$name" --expected-bucket-owner "$account"
        ask s3.GetBucketAcl "$(it Bucket "$name")" \
          s3api get-bucket-acl --bucket "$name" --expected-bucket-owner "$account"
        ;;
      arn:*:kms:*)
        ask kms.GetKeyPolicy "$(it KeyId "$arn")" kms get-key-policy "${where[@]}" --key-id "$arn" --policy-name default
        ;;
      arn:*:secretsmanager:*)
        ask secretsmanager.GetResourcePolicy "$(it SecretId "$arn")" \
          secretsmanager get-resource-policy "${where[@]}" --secret-id "$arn"
        ;;
      arn:*:sqs:*)
        ask sqs.GetQueueUrl "$(it QueueName "$name")" \
          sqs get-queue-url "${where[@]}" --queue-name "$name" --queue-owner-aws-account-id "$account"
        url=$(of sqs.GetQueueUrl "select(.Request.QueueName == \"$name\") | .QueueUrl // empty")
        [ -z "$url" ] || ask sqs.GetQueueAttributes "$(it QueueUrl "$url")" \
          sqs get-queue-attributes "${where[@]}" --queue-url "$url" --attribute-names Policy
        ;;
      arn:*:sns:*)
        ask sns.GetTopicAttributes "$(it TopicArn "$arn")" sns get-topic-attributes "${where[@]}" --topic-arn "$arn"
        ;;
      arn:*:lambda:*)
        ask lambda.GetPolicy "$(it FunctionName "$arn")" lambda get-policy "${where[@]}" --function-name "$arn"
        ;;
      arn:*:ecr:*)
        name=${arn#*:repository/}
        ask ecr.GetRepositoryPolicy "$(it repositoryName "$name")" \
          ecr get-repository-policy "${where[@]}" --registry-id "$account" --repository-name "$name"
        ;;
    esac
  done
}

# AWS answers two such questions a second: half a minute. Sign-ins to the console in other regions are not asked for.
iam_events="CreateLoginProfile DeleteLoginProfile CreateAccessKey UpdateAccessKey DeleteAccessKey
  UploadSigningCertificate UpdateSigningCertificate DeleteSigningCertificate ConsoleLogin AddUserToGroup
  RemoveUserFromGroup AttachUserPolicy DetachUserPolicy PutUserPolicy DeleteUserPolicy PutUserPermissionsBoundary
  DeleteUserPermissionsBoundary CreateUser DeleteUser UpdateUser"
center_events="CreateUser DeleteUser EnableUser DisableUser UpdateUser DeleteUserSessions
  AddMemberToGroup CreateGroupMembership DeleteGroupMembership RemoveMemberFromGroup CreateAccountAssignment
  DeleteAccountAssignment DeleteGroup"

events() { # events REGION NAME...: what happened in the last 90 days
  local region=$1 name
  shift
  for name in "$@"; do
    ask cloudtrail.LookupEvents "$(jq -cn --arg name "$name" --arg region "$region" \
      '{LookupAttributes: [{AttributeKey: "EventName", AttributeValue: $name}], Region: $region}')" \
      cloudtrail lookup-events --region "$region" --lookup-attributes "AttributeKey=EventName,AttributeValue=$name"
  done
}

trail() {
  local home=us-east-1
  case $(of sts.GetCallerIdentity .Arn) in
    arn:aws-us-gov:*) home=us-gov-west-1 ;;
    arn:aws-cn:*) home=cn-north-1 ;;
  esac
  # shellcheck disable=SC2086
  events "$home" $iam_events
  # shellcheck disable=SC2086
  events "${IDENTITY_CENTER_REGION:-$home}" $center_events
}

amazon-connect() {
  local arn=${CONNECT_INSTANCE:?set it to the ARN of the instance} id region user profile
  id=${arn##*/} region=$(cut -d: -f4 <<<"$arn")
  ask connect.DescribeInstance '{}' connect describe-instance --instance-id "$id" --region "$region"
  ask connect.ListUsers '{}' connect list-users --instance-id "$id" --region "$region"
  for user in $(of connect.ListUsers '.UserSummaryList[]?.Id'); do
    ask connect.DescribeUser "$(it UserId "$user")" \
      connect describe-user --instance-id "$id" --user-id "$user" --region "$region"
  done
  ask connect.ListSecurityProfiles '{}' connect list-security-profiles --instance-id "$id" --region "$region"
  for profile in $(of connect.ListSecurityProfiles '.SecurityProfileSummaryList[]?.Id'); do
    ask connect.ListSecurityProfilePermissions "$(it SecurityProfileId "$profile")" connect \
      list-security-profile-permissions --instance-id "$id" --security-profile-id "$profile" --region "$region"
  done
}

workspaces() {
  ask workspaces.DescribeWorkspaces '{}' workspaces describe-workspaces
  ask workspaces.DescribeWorkspacesConnectionStatus '{}' workspaces describe-workspaces-connection-status
}

# The account itself, unless only the people of Amazon Connect or WorkSpaces are wanted.
others=$(printf '%s\n' "$@" | grep -vxE 'amazon-connect|workspaces')
if [ $# -eq 0 ] || [ -n "$others" ]; then base; fi
for part in "$@"; do
  case $part in
    access-keys | login-profiles | mfa-devices | service-last-accessed | organization | identity-center | \
      account-access | resources | trail | amazon-connect | workspaces) "$part" ;;
    *) echo "there is no part \`$part\`" >&2 && exit 64 ;;
  esac
done
for file in "$out"/*.jsonl; do
  jq -s . "$file" >"${file%l}" && rm "$file"
done
rm -f "$out/.error" "$out/.asked"
