"""`auditor notice take-back`: what it takes."""

from auditor.cli.formats import Format
from auditor.cli.notice_options import NoticeId, OutFolder
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    notice: NoticeId,
    by: By,
    config_file: ConfigAfter = None,
    *,
    out: OutFolder = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    It is a notice of its own, to be sent like the first. Nothing is rewritten: both stay, and the first claims nothing
    any more. To correct a date, take the notice back and make another.
    """
    from auditor.cli.notice import run_notice
    from auditor.notices.bodies import NoticeKind
    from auditor.notices.send import NoticeDraft

    draft = NoticeDraft(kind=NoticeKind.TAKE_BACK, by=by, takes_back=notice)
    return run_notice(chosen(config, config_file), draft, out, store=store, output=output)
