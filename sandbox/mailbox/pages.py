"""The mailbox over HTTP: JSON for tests, a page for people."""

from flask import Flask, jsonify, render_template
from flask.typing import ResponseReturnValue

from sandbox.mailbox.messages import Messages


def application(messages: Messages) -> Flask:
    """The WSGI application over `messages`."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> ResponseReturnValue:
        return render_template("mailbox.html", messages=messages.all()[::-1])

    @app.get("/messages")
    def listed() -> ResponseReturnValue:
        return jsonify(messages=[message.as_json() for message in messages.all()])

    @app.delete("/messages")
    def clear() -> ResponseReturnValue:
        messages.clear()
        return jsonify({})

    return app
