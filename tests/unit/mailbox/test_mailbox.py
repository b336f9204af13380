"""Mails as they are sent over SMTP and found over HTTP."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
import requests

from sandbox.mailbox import Mailbox


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    running = Mailbox()
    yield running
    running.close()


def send(mailbox: Mailbox, subject: str, text: str, html: str | None = None) -> None:
    mail = EmailMessage()
    mail["From"] = "Shop <shop@example.com>"
    mail["To"] = "customer@example.com"
    mail["Subject"] = subject
    mail["X-Order"] = "7"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as smtp:
        smtp.send_message(mail)


def listed(mailbox: Mailbox) -> list[dict]:
    return requests.get(f"{mailbox.url}/messages", timeout=10).json()["messages"]


def test_a_mail_is_listed_with_both_bodies(mailbox: Mailbox) -> None:
    send(mailbox, "Zahlung für Bestellung 7", "Bitte zahlen", "<b>Bitte zahlen</b>")
    (mail,) = listed(mailbox)
    assert mail["to"] == ["customer@example.com"]
    assert mail["from"] == "Shop <shop@example.com>"
    assert mail["subject"] == "Zahlung für Bestellung 7"
    assert mail["text"] == "Bitte zahlen\n"
    assert mail["html"] == "<b>Bitte zahlen</b>\n"
    assert mail["headers"]["X-Order"] == "7"


def test_a_mail_without_html_says_so(mailbox: Mailbox) -> None:
    send(mailbox, "Plain", "Words")
    assert listed(mailbox)[0]["html"] is None


def test_mails_are_listed_oldest_first(mailbox: Mailbox) -> None:
    send(mailbox, "First", "1")
    send(mailbox, "Second", "2")
    assert [mail["subject"] for mail in listed(mailbox)] == ["First", "Second"]


def test_deleting_empties_the_mailbox(mailbox: Mailbox) -> None:
    send(mailbox, "Gone", "soon")
    assert requests.delete(f"{mailbox.url}/messages", timeout=10).status_code == 200
    assert listed(mailbox) == []


def test_the_page_shows_mails_without_running_what_they_hold(mailbox: Mailbox) -> None:
    send(mailbox, "<script>alert(1)</script>", "See https://shop.example/pay", "<script>x</script>")
    page = requests.get(mailbox.url, timeout=10).text
    assert "<script>" not in page
    assert '<a href="https://shop.example/pay"' in page


def test_the_page_of_an_empty_mailbox_says_so(mailbox: Mailbox) -> None:
    assert "No mail has arrived." in requests.get(mailbox.url, timeout=10).text


def test_a_closed_mailbox_gives_its_ports_back() -> None:
    first = Mailbox()
    first.close()
    port = int(first.url.rpartition(":")[2])
    again = Mailbox(port=port, smtp_port=first.smtp_port)
    again.close()
    assert again.url == first.url
