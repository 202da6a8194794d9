"""A small IAM that answers honestly over HTTP, in pages, except for the one defect that a test gives it."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

ACCOUNT = "111122223333"
REPORT_HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,"
    "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
CREATED = "2026-01-05T08:00:00+00:00"
Answer = tuple[int, str]


OF_A_USER = {"GetUser", "GetLoginProfile"}


class FakeIam:
    """Users `user-0`, `user-1`, …, `per_page` on a page; the group that all are in comes on the last page."""

    def __init__(self, users: int = 5, per_page: int = 2) -> None:
        self.names = [f"user-{n}" for n in range(users)]
        self.per_page = per_page
        self.in_report = list(self.names)
        self.stated_users = users
        self.calls: list[str] = []
        self.overrides: dict[str, Callable[[dict[str, str]], Answer | None]] = {}
        """By action: gives another answer, or `None` for the ordinary one."""
        self.drip_s: dict[str, float] = {}
        """By action: seconds between two bytes of the answer."""
        self.stopped = threading.Event()

    def answer(self, fields: dict[str, str]) -> Answer:
        action = fields["Action"]
        self.calls.append(action)
        other = self.overrides[action](fields) if action in self.overrides else None
        if action in OF_A_USER and fields["UserName"] not in self.names:
            return error(404, "NoSuchEntity")
        return other or (200, _envelope(action, getattr(self, f"_{action}")(fields)))

    def _GetCallerIdentity(self, fields) -> str:  # noqa: N802
        return f"<Arn>arn:aws:iam::{ACCOUNT}:user/user-0</Arn><UserId>AIDA0</UserId><Account>{ACCOUNT}</Account>"

    def _GenerateCredentialReport(self, fields) -> str:  # noqa: N802
        return f"<State>{'COMPLETE' if self.calls.count('GenerateCredentialReport') > 1 else 'STARTED'}</State>"

    def _GetCredentialReport(self, fields) -> str:  # noqa: N802
        root = "not_supported,2026-11-02T10:00:00+00:00,not_supported,not_supported,true,false"
        nothing = "N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        rows = [f"<root_account>,arn:aws:iam::{ACCOUNT}:root,{CREATED},{root},{nothing}"]
        person = f"true,no_information,N/A,N/A,false,false,{nothing}"
        rows += [f"{name},{arn(name)},{CREATED},{person}" for name in self.in_report]
        text = "\n".join([REPORT_HEADER, *rows])
        return f"<Content>{base64.b64encode(text.encode()).decode()}</Content><ReportFormat>text/csv</ReportFormat>"

    def _GetAccountAuthorizationDetails(self, fields) -> str:  # noqa: N802
        start = int(fields.get("Marker", "0"))
        page = self.names[start : start + self.per_page]
        last = start + self.per_page >= len(self.names)
        users = "".join(
            f"<member><UserName>{n}</UserName><UserId>AIDA{n}</UserId><Arn>{arn(n)}</Arn><Path>/</Path>"
            f"<CreateDate>{CREATED}</CreateDate><GroupList><member>all</member></GroupList></member>"
            for n in page
        )
        group = (
            f"<member><GroupName>all</GroupName><GroupId>AGPA</GroupId><Path>/</Path>"
            f"<Arn>arn:aws:iam::{ACCOUNT}:group/all</Arn><CreateDate>{CREATED}</CreateDate></member>"
        )
        return (
            f"<IsTruncated>{'false' if last else 'true'}</IsTruncated>"
            + ("" if last else f"<Marker>{start + self.per_page}</Marker>")
            + f"<UserDetailList>{users}</UserDetailList><GroupDetailList>{group if last else ''}</GroupDetailList>"
            + "<RoleDetailList/><Policies/>"
        )

    def _GetUser(self, fields) -> str:  # noqa: N802
        name = fields["UserName"]
        return f"<User><UserName>{name}</UserName><UserId>AIDA{name}</UserId><Arn>{arn(name)}</Arn></User>"

    def _GetLoginProfile(self, fields) -> str:  # noqa: N802
        return f"<LoginProfile><UserName>{fields['UserName']}</UserName></LoginProfile>"

    def _ListAccessKeys(self, fields) -> str:  # noqa: N802
        return "<IsTruncated>false</IsTruncated><AccessKeyMetadata/>"

    def _ListSigningCertificates(self, fields) -> str:  # noqa: N802
        return "<IsTruncated>false</IsTruncated><Certificates/>"

    def _ListGroupsForUser(self, fields) -> str:  # noqa: N802
        group = f"<member><GroupName>all</GroupName><Arn>arn:aws:iam::{ACCOUNT}:group/all</Arn></member>"
        return f"<IsTruncated>false</IsTruncated><Groups>{group}</Groups>"

    def _ListAttachedUserPolicies(self, fields) -> str:  # noqa: N802
        return "<IsTruncated>false</IsTruncated><AttachedPolicies/>"

    def _ListUserPolicies(self, fields) -> str:  # noqa: N802
        return "<IsTruncated>false</IsTruncated><PolicyNames/>"

    def _GetAccountSummary(self, fields) -> str:  # noqa: N802
        counts = {"Users": self.stated_users, "Groups": 1, "Policies": 0, "Roles": 0}
        entries = "".join(f"<entry><key>{k}</key><value>{v}</value></entry>" for k, v in counts.items())
        return f"<SummaryMap>{entries}</SummaryMap>"

    def _ListMFADevices(self, fields) -> str:  # noqa: N802
        device = f"<member><SerialNumber>arn:aws:iam::{ACCOUNT}:u2f/key</SerialNumber></member>"
        return f"<IsTruncated>false</IsTruncated><MFADevices>{device}</MFADevices>"


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def error(status: int, code: str, text: str = "not for the report: AKIAIOSFODNN7EXAMPLE") -> Answer:
    return status, f"<ErrorResponse><Error><Code>{code}</Code><Message>{text}</Message></Error></ErrorResponse>"


def _envelope(action: str, body: str) -> str:
    return f"<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"


@contextmanager
def serve(fake: FakeIam) -> Iterator[str]:
    """Serve it on a free loopback port, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            fields = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
            status, body = fake.answer(fields)
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            pause = fake.drip_s.get(fields["Action"], 0)
            try:
                for piece in [data[i : i + 1] for i in range(len(data))] if pause else [data]:
                    self.wfile.write(piece)
                    self.wfile.flush()
                    if pause and fake.stopped.wait(pause):
                        return
            except ConnectionError:
                return

        def log_message(self, *args) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        fake.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
