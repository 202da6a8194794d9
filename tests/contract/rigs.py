"""The rig of every connector that is shipped; a connector without one fails the suite."""

from connectors.testing import Rig
from tests.contract.clinic_rig import ClinicRig
from tests.contract.rig_aws import AwsRig
from tests.contract.rig_fhir import FhirRig
from tests.contract.rig_gnuhealth import GnuHealthRig
from tests.contract.rig_ldap import Ds389Rig, LdapRig, SambaRig
from tests.contract.rig_openemr import OpenEmrRig
from tests.contract.rig_replay import ReplayRig
from tests.contract.rigs_aws_services import AmazonConnectRig, WorkspacesRig
from tests.contract.rigs_clouds import EntraExportRig, GamRig, GoogleExportRig
from tests.contract.rigs_files import (
    AmazonConnectJsonRig,
    AwsJsonRig,
    LdifRig,
    OpenEmrExportRig,
    TableRig,
    WorkspacesJsonRig,
)
from tests.contract.rigs_http import DrChronoRig, ElationRig, OpenMrsRig, ScimRig

RIGS: tuple[Rig, ...] = (
    ClinicRig(),
    AmazonConnectRig(),
    AmazonConnectJsonRig(),
    AwsRig(),
    AwsJsonRig(),
    DrChronoRig(),
    ElationRig(),
    EntraExportRig(),
    FhirRig(),
    GnuHealthRig(),
    GoogleExportRig(),
    LdapRig(),
    LdifRig(),
    OpenEmrRig(),
    OpenEmrExportRig(),
    OpenMrsRig(),
    ReplayRig(),
    ScimRig(),
    TableRig(),
    WorkspacesRig(),
    WorkspacesJsonRig(),
)

FURTHER: dict[str, Rig] = {
    "GoogleExportOfGam": GamRig(),
    "LdapOn389": Ds389Rig(),
    "LdapOnSamba": SambaRig(),
    "GnuhealthInEveryField": GnuHealthRig(fields=50),
}
"""The same connectors on further servers, or tried longer."""
