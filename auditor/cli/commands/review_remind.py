"""`auditor review remind`: what it takes."""

from auditor.cli.formats import Format
from auditor.cli.options import ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    config_file: ConfigAfter = None,
    *,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Everybody with something open, whether a reminder was due or not, by the mail server that `watch:` names; `auditor
    watch` does so by itself on the days of `remind_days`. What is overdue for longer than `escalate_days` goes to the
    practice manager first. Exit codes: 0; 2 when somebody could not be told, who is named with the text to send.
    """
    from auditor.cli.review_remind import run_remind

    return run_remind(chosen(config, config_file), store=store, output=output)
