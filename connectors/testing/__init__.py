"""
The contract that every connector keeps, for whoever writes one.

A harness starts a source with a known population; the suite reads it as it is and under every fault of `Fault`, and
says where the read ended neither as the truth nor as `Partial` with the cause. `docs/add-a-connector.md` shows how.
`connectors.testing.suite` has the tests for pytest; everything else here works without it.
"""

from connectors.testing.bodies import Body, JsonBody, XmlBody
from connectors.testing.check import Breach, ContractBroken, breaches, check_fault, check_population, read_truth
from connectors.testing.faults import END, Expected, ExpectedEnd, Fault
from connectors.testing.file_bodies import CsvBody, LdifBody
from connectors.testing.file_source import FileSource
from connectors.testing.harness import ENDS, Harness, Observation, Population, Source, Target, Trial, same_facts
from connectors.testing.http_ends import Ends
from connectors.testing.http_faults import Pages
from connectors.testing.http_proxy import ProxyRequest, ProxyResponse
from connectors.testing.http_source import HttpSource
from connectors.testing.ldap_source import LdapSource
from connectors.testing.mysql_source import MysqlSource

__all__ = [
    "END",
    "ENDS",
    "Body",
    "Breach",
    "ContractBroken",
    "CsvBody",
    "Ends",
    "Expected",
    "ExpectedEnd",
    "Fault",
    "FileSource",
    "Harness",
    "HttpSource",
    "JsonBody",
    "LdapSource",
    "LdifBody",
    "MysqlSource",
    "Observation",
    "Pages",
    "Population",
    "ProxyRequest",
    "ProxyResponse",
    "Source",
    "Target",
    "Trial",
    "XmlBody",
    "breaches",
    "check_fault",
    "check_population",
    "read_truth",
    "same_facts",
]
