"""What people do on a stage: staff over GraphQL, customers with a browser, mails that arrive.

The demo and the behaviour suite play with these. They know nothing but GraphQL and HTTP, so
that they play alike on the sandbox and in a real Saleor.
"""
