import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.connectors import mail
from domain.connectors.errors import MailNotConfigured, MailRefused, MailUnreachable
from domain.connectors.mail import Mail, Road
from domain.context import Context, Outward
from domain.secrets import service as secrets
from domain.secrets.service import SecretMissing
from tests.domain.connectors.conftest import Authority, PostOffice

pytestmark = pytest.mark.network
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LETTER = Mail(
    "reader@example.cn",
    "【需要您处理】办件 530000",
    "办件 530000 有一项需要您处理。\n\nhttps://lianban.example.cn/my/530000\n<b>不是标签</b>",
    "delivery:7",
    AT,
    "https://lianban.example.cn/api/v1/channels/leave/token",
)
Start = Callable[..., PostOffice]


def road(office: PostOffice, mode: str = "smtp", **more: str) -> Road:
    return Road(
        mode, "localhost" if mode != "smtp" else "127.0.0.1", office.port, "联办 <noreply@lianban.example.cn>", **more
    )


def test_a_letter_is_text_and_html_with_chinese_headers(post_office: Start) -> None:
    office = post_office()
    mail.post(road(office), LETTER)
    letter = office.letters()[0]
    assert letter["Subject"] == "【需要您处理】办件 530000"
    assert letter["From"] == "联办 <noreply@lianban.example.cn>"
    assert letter["Message-ID"].endswith("@lianban.example.cn>")
    assert letter["List-Unsubscribe"] == f"<{LETTER.unsubscribe}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Date"] == "Mon, 02 Mar 2026 02:00:00 +0000"
    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n").strip() == LETTER.text  # type: ignore[union-attr]
    page = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert '<a href="https://lianban.example.cn/my/530000">' in page
    assert "&lt;b&gt;" in page


def test_a_second_try_is_the_same_letter_byte_for_byte(post_office: Start) -> None:
    office = post_office()
    mail.post(road(office), LETTER)
    mail.post(road(office), LETTER)
    assert office.taken[0] == office.taken[1]
    mail.post(road(office), replace(LETTER, key="delivery:8"))
    assert office.letters()[2]["Message-ID"] != office.letters()[0]["Message-ID"]


@pytest.mark.parametrize("mode", ["smtps", "smtp+starttls"])
def test_tls_with_log_in_and_a_private_authority(post_office: Start, authority: Authority, mode: str) -> None:
    office = post_office(mode, login=mode == "smtp+starttls")
    login = {"user": "lianban", "password": "p@ss/word"} if mode == "smtp+starttls" else {}
    mail.post(road(office, mode, ca_file=str(authority.ca), **login), LETTER)
    assert len(office.taken) == 1


def test_wrong_log_in_and_unknown_authority_are_refused_for_good(post_office: Start, authority: Authority) -> None:
    office = post_office("smtp+starttls", login=True)
    with pytest.raises(MailRefused) as refused:
        mail.post(
            road(office, "smtp+starttls", ca_file=str(authority.ca), user="lianban", password="other-pass"), LETTER
        )
    assert "other-pass" not in str(refused.value) + refused.value.fact_zh
    with pytest.raises(MailRefused):
        mail.post(road(office, "smtp+starttls", user="lianban", password="p@ss/word"), LETTER)
    with pytest.raises(MailRefused):
        mail.post(Road("smtp", "mail.example.cn", 25, "a@example.cn", "lianban", "p@ss/word"), LETTER)
    assert office.taken == []


def test_a_server_without_starttls_gets_nothing(post_office: Start) -> None:
    office = post_office()
    with pytest.raises(MailRefused):
        mail.post(road(office, "smtp+starttls"), LETTER)
    assert office.taken == []


@pytest.mark.parametrize(("answer", "error"), [("451 later", MailUnreachable), ("550 no such user", MailRefused)])
def test_the_servers_answer_says_whether_to_try_again(post_office: Start, answer: str, error: type[Exception]) -> None:
    office = post_office()
    office.answer = answer
    with pytest.raises(error) as told:
        mail.post(road(office), LETTER)
    assert "reader@" not in str(told.value)


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(MailUnreachable):
            mail.post(Road("smtp", "127.0.0.1", taken.getsockname()[1], "a@example.cn"), LETTER)


def test_a_server_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "WHOLE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            taken, _ = server.accept()
            stop = threading.Event()
            with taken:
                for _ in range(10_000):
                    try:
                        taken.sendall(b"2")
                    except OSError:
                        return
                    stop.wait(0.02)

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        with pytest.raises(MailUnreachable):
            mail.post(Road("smtp", "127.0.0.1", server.getsockname()[1], "a@example.cn"), LETTER)
        dripping.join(60)


def test_nobody_writes_headers_through_a_subject() -> None:
    raw = mail.compose(
        Road("smtp", "h", 25, "a@example.cn"), replace(LETTER, subject="x\r\nBcc: all@example.cn", unsubscribe="")
    )
    assert b"\nBcc:" not in raw


@pytest.mark.parametrize(
    "text", ["", "a@b", "a b@example.cn", "a@example.cn\r\nRCPT TO:<x@example.cn>", "x" * 250 + "@example.cn"]
)
def test_what_is_no_address_is_not_written_to(text: str) -> None:
    assert not mail.is_address(text)
    with pytest.raises(MailRefused):
        mail.post(Road("smtp", "127.0.0.1", 1, "a@example.cn"), replace(LETTER, to=text))


def test_the_road_is_read_from_settings_and_secrets(ctx: Context) -> None:
    with pytest.raises(MailNotConfigured):
        mail.find_road(ctx)
    sender = "noreply@example.cn"
    plain = replace(
        ctx, outward=Outward(smtp_url="smtp+starttls://u%40x:secret%3AMAIL_PASSWORD@mail.example.cn", mail_from=sender)
    )
    with pytest.raises(SecretMissing):
        mail.find_road(plain)
    secrets.put(ctx, "MAIL_PASSWORD", "hush", site_id=None)
    found = mail.find_road(plain)
    assert (found.mode, found.host, found.port, found.user, found.password) == (
        "smtp+starttls",
        "mail.example.cn",
        587,
        "u@x",
        "hush",
    )
    assert "hush" not in repr(found)
    secrets.put(ctx, "SMTP_URL", "smtps://mail.example.cn", site_id=None)
    whole = replace(ctx, outward=Outward(smtp_url="secret:SMTP_URL", mail_from=sender))
    assert mail.find_road(whole).port == 465
