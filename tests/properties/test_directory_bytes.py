"""The reader of entries gives what ldap3 gives for every entry, and never something for bytes that are none."""

import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.search import search_result_entry_response_to_dict_fast
from ldap3.protocol.rfc4511 import LDAPMessage
from ldap3.utils.asn1 import decode_message_fast
from ldap3.utils.conv import to_unicode
from pyasn1.codec.ber import decoder

from connectors.directory.ldap.ber import NotBer, answers, read_entry
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.times import generalized_time

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    SPECIFICATION = LDAPMessage()

FORMS = st.sampled_from([0, 1, 2, 4, 8])
"""How a length is written: as short as may be, or in so many bytes at least; AD always takes four."""
NAMES = st.from_regex(r"[a-zA-Z][a-zA-Z0-9-]{0,20}(;range=[0-9]{1,4}-(\*|[0-9]{1,4}))?", fullmatch=True)
VALUES = st.lists(st.one_of(st.binary(max_size=20), st.binary(min_size=120, max_size=300)), max_size=4)
ATTRIBUTES = st.lists(st.tuples(NAMES, VALUES), max_size=6, unique_by=lambda one: one[0].lower())
DNS = st.one_of(st.text(max_size=40).map(lambda text: text.encode("utf-8", "ignore")), st.binary(max_size=20))


def tlv(tag: int, body: bytes, form: int = 0) -> bytes:
    length = len(body)
    size = max(form, 0 if length < 0x80 else (length.bit_length() + 7) // 8)
    return bytes([tag]) + (bytes([0x80 | size]) + length.to_bytes(size, "big") if size else bytes([length])) + body


@st.composite
def messages(draw: st.DrawFn, *, controls: bool = False) -> bytes:
    def part(tag: int, *bodies: bytes) -> bytes:
        return tlv(tag, b"".join(bodies), draw(FORMS))

    attributes = [
        part(0x30, part(0x04, name.encode()), part(0x31, *(part(0x04, value) for value in values)))
        for name, values in draw(ATTRIBUTES)
    ]
    number = draw(st.integers(0, 2**31 - 1))
    identity = part(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))
    entry = part(0x64, part(0x04, draw(DNS)), part(0x30, *attributes))
    added = part(0xA0, part(0x30, part(0x04, b"1.2.3"))) if controls else b""
    return part(0x30, identity, entry, added)


def by_ldap3(message: bytes) -> tuple[int, Entry]:
    decoded = decode_message_fast(message)
    found = search_result_entry_response_to_dict_fast(decoded["payload"], None, None, False)
    attributes = {name.lower(): values for name, values in found["raw_attributes"].items() if values}
    return decoded["messageID"], Entry(found["dn"], attributes)


def by_pyasn1(message: bytes) -> tuple[int, Entry]:
    decoded, rest = decoder.decode(message, asn1Spec=SPECIFICATION)
    assert not rest
    found = decoded["protocolOp"]["searchResEntry"]
    attributes = {_text(one["type"]).lower(): [bytes(value) for value in one["vals"]] for one in found["attributes"]}
    return int(decoded["messageID"]), Entry(
        _text(found["object"]), {name: values for name, values in attributes.items() if values}
    )


def _text(value: object) -> str:
    return str(to_unicode(bytes(value), from_server=True))  # type: ignore[call-overload]


@given(messages(), messages(controls=True))
def test_an_entry_is_read_as_ldap3_reads_it(plain, with_controls):
    for message in (plain, with_controls):
        assert (answers(message), read_entry(message)) == by_ldap3(message)


@given(messages(), st.data())
def test_a_damaged_entry_is_refused_or_is_another_whole_entry(message, data):
    at = data.draw(st.integers(0, len(message) - 1))
    kind = data.draw(st.sampled_from(["other", "missing", "added"]))
    byte = bytes([data.draw(st.integers(0, 255))]) if kind != "missing" else b""
    damaged = message[:at] + byte + message[at + (kind != "added") :]
    try:
        number = answers(damaged)
        read = (number, read_entry(damaged)) if number is not None else None
    except NotBer:
        return
    if read is not None:
        assert read == by_pyasn1(damaged)


@given(messages(), st.data())
def test_an_entry_that_is_cut_short_is_refused(message, data):
    inner = _content(message)
    cut = tlv(0x30, inner[: data.draw(st.integers(0, len(inner) - 1))])
    with pytest.raises(NotBer):
        read_entry(cut)


def _content(message: bytes) -> bytes:
    size = message[1] & 0x7F if message[1] & 0x80 else 0
    return message[2 + size :]


def test_what_ldap3_shortens_in_silence_is_refused():
    value = b"\x04\x0bCN=VA Fir"  # says eleven bytes, and has nine
    attribute = tlv(0x30, tlv(0x04, b"member") + tlv(0x31, value))
    message = tlv(0x30, tlv(0x02, b"\x03") + tlv(0x64, tlv(0x04, b"CN=Billing") + tlv(0x30, attribute)))
    assert by_ldap3(message)[1].attributes == {"member": [b"CN=VA Fir"]}
    with pytest.raises(NotBer):
        read_entry(message)


@pytest.mark.parametrize(
    "other", [b"0\x0c\x02\x01\x02e\x07\n\x01\x00\x04\x00\x04\x00", tlv(0x30, b"\x02\x01\x02s\x00")]
)
def test_what_is_no_entry_is_left_to_ldap3(other):
    assert answers(other) is None


@pytest.mark.parametrize(
    "junk", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"0", b"0\x80\x02\x01\x02d\x00\x00", b"0" * 50]
)
def test_what_is_no_ldap_is_refused(junk):
    with pytest.raises(NotBer):
        answers(junk)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))  # noqa: DTZ001 - made aware below
def test_the_usual_form_of_a_moment_means_the_same_as_the_others(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    text = f"{moment.year:04}{moment:%m%d%H%M%S}"
    assert generalized_time(f"{text}Z") == generalized_time(f"{text}.0Z") == generalized_time(f"{text}+0000") == moment


@pytest.mark.parametrize("text", ["20260231080000Z", "20261101240000Z", "20261301080000Z", "00000101000000Z"])
def test_a_moment_that_is_none_is_refused_in_every_form(text):
    for form in (text, text.replace("Z", ".0Z"), text.replace("Z", "+0000")):
        with pytest.raises(ValueError):
            generalized_time(form)
