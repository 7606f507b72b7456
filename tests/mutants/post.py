"""The bugs in what comes in and goes out: events, web hooks, notices, and what operators see."""

from tests.mutants.mutant import bugs_in

_INBOX = ("tests/mlops/flows/test_inbox.py", "tests/mlops/backends/store/test_inbox.py")
_SOURCES = ("tests/mlops/backends/events/test_sources.py",)
_HOOKS = ("tests/mlops/domain/test_signing.py", "tests/mlops/test_listening.py")
_OUTBOX = ("tests/mlops/flows/test_outbox.py", "tests/mlops/backends/store/test_outbox.py")
_CHANNELS = ("tests/mlops/backends/channels/test_channels.py",)
_WATCHING = ("tests/mlops/backends/telemetry/test_watching.py",)

POST = (
    *bugs_in(
        "flows/inbox.py",
        _INBOX,
        (
            "done-with-before-it-is-stored",
            "                total = _plus(total, _store(",
            "                source.done(message)\n                total = _plus(total, _store(",
        ),
        ("poison-comes-for-ever", "    if message.tries > TRIES:\n", "    if False:\n"),
        ("what-is-no-event-ends-the-drain", "    except MalformedError as error:\n", "    except KeyError as error:\n"),
        ("only-one-project-hears", "{own, *context.store.inbox.listeners(address)}", "{own}"),
        ("unread-texts-are-lost", 'kept = body if event.kind is None else ""', 'kept = ""'),
    ),
    *bugs_in(
        "domain/messages/hearing.py",
        _INBOX,
        ("a-flood-is-counted-each-time", "    if counted + OFTEN > now:\n", "    if False:\n"),
    ),
    *bugs_in(
        "backends/store/inbox.py",
        _INBOX,
        ("an-event-wakes-nobody", "    if received.outcome is None:\n", "    if False:\n"),
        (
            "what-was-refused-sets-the-order",
            "            inbox.c.outcome.in_([outcome.value for outcome in ACCEPTED]),\n",
            "",
        ),
        ("copies-are-not-counted", ".values(copies=inbox.c.copies + 1)", ".values(copies=inbox.c.copies)"),
        ("what-waits-is-forgotten", "inbox.c.outcome.is_not(None), inbox.c.settled <", "inbox.c.received <"),
    ),
    *bugs_in(
        "backends/store/writing.py",
        (*_OUTBOX, *_INBOX),
        ("an-outcome-is-not-saved", "    write_settled(connection, saved.project, change.settled)\n", ""),
        (
            "a-decision-without-its-notice",
            "    write_notices(connection, saved.project, appended)\n",
            "",
        ),
    ),
    *bugs_in(
        "backends/events/storage_queue.py",
        _SOURCES,
        ("a-queue-keeps-what-is-done-with", "self._client.delete_message(number, receipt)", "return"),
        ("a-queue-counts-no-deliveries", "tries=int(one.dequeue_count or 1)", "tries=1"),
    ),
    *bugs_in(
        "backends/events/sqs.py",
        _SOURCES,
        ("sqs-counts-no-deliveries", 'one.get("Attributes", {}).get("ApproximateReceiveCount", 1)', "1"),
    ),
    *bugs_in(
        "backends/events/folder.py",
        _SOURCES,
        ("a-file-is-read-half", ">= self._patience", ">= 0"),
        ("a-changed-file-is-no-news", 'f"{state.st_size} {state.st_mtime_ns}".encode()', 'b""'),
    ),
    *bugs_in(
        "domain/messages/signing.py",
        _HOOKS,
        ("any-signature-fits", "    if not any(fits):\n", "    if not fits:\n"),
        ("a-request-is-good-for-ever", "    if off > tolerance.total_seconds():\n", "    if False:\n"),
        ("the-time-is-not-signed", 'f"{number}.{stamp}.".encode()', 'f"{number}.".encode()'),
    ),
    *bugs_in(
        "backends/events/listener.py",
        _HOOKS,
        ("huge-bodies-are-taken", "        if size > LARGEST:\n", "        if False:\n"),
        ("half-a-body-is-taken", "        if len(body) != size:\n", "        if False:\n"),
    ),
    *bugs_in(
        "backends/store/outbox.py",
        _OUTBOX,
        ("a-notice-in-two-pairs-of-hands", ".values(due=at + lease.total_seconds(), tries=", ".values(tries="),
        ("told-again-and-again", 'sent=now.isoformat(), error=""', 'error=""'),
        (
            "a-notice-from-the-future-strands",
            "sa.or_(outbox.c.due <= at, outbox.c.due > at + FAR.total_seconds())",
            "outbox.c.due <= at",
        ),
        ("whoever-left-is-told", "    connection.execute(sa.delete(subscriber)", "    (sa.delete(subscriber)"),
    ),
    *bugs_in(
        "flows/outbox.py",
        _OUTBOX,
        ("a-broken-channel-is-asked-at-once", "        if notice.channel in broken:", "        if False:"),
        ("never-given-up", "if notice.tries < TRIES else None", "if notice.tries else None"),
        ("tries-come-ever-as-fast", "FIRST * (1 << min(tries - 1, 16))", "FIRST"),
        ("a-lost-channel-waits-for-ever", "    if channel is None:\n", "    if False:\n"),
    ),
    *bugs_in(
        "backends/channels/web.py",
        _CHANNELS,
        (
            "an-error-tells-the-address",
            "it cannot be reached: {type(error).__name__}",
            "it cannot be reached: {error!r} {url}",
        ),
        ("any-answer-will-do", "    if not answer.is_success:\n", "    if False:\n"),
    ),
    *bugs_in(
        "backends/channels/mail.py",
        _CHANNELS,
        ("every-try-is-another-mail", 'f"<{notice.key}@aml-kit>"', 'f"<{id(made)}@aml-kit>"'),
    ),
    *bugs_in(
        "domain/messages/letters.py",
        ("tests/mlops/domain/test_letters.py",),
        ("a-reason-calls-the-channel", '"text": _escaped(title(notice)),', '"text": title(notice),'),
        ("a-subject-alone-says-nothing", 'each if " " in each else f"{each} *"', "each"),
    ),
    *bugs_in(
        "backends/redaction.py",
        _WATCHING,
        ("a-secret-is-written-down", "        text = text.replace(secret, HIDDEN)\n", "        pass\n"),
    ),
    *bugs_in(
        "backends/store/figures.py",
        _WATCHING,
        (
            "who-is-worked-on-waits",
            "sa.and_(turn.c.due <= at, sa.or_(turn.c.owner.is_(None), turn.c.until <= at))",
            "turn.c.due <= at",
        ),
    ),
    *bugs_in(
        "spec/document/source.py",
        ("tests/mlops/spec/test_sources.py", "tests/mlops/spec/test_notifications.py"),
        ("an-address-may-hold-a-password", r"https?://[^/@?#\s]+(/[^?#\s]*)?", r"https?://\S+"),
        ("a-written-secret-is-repeated", "        if not isinstance(written, dict):\n", "        if False:\n"),
    ),
    *bugs_in(
        "live.py",
        ("tests/mlops/test_live.py",),
        ("a-failed-look-ends-the-watch", "except (StateError, OutsideError) as found:", "except KeyError as found:"),
    ),
)
