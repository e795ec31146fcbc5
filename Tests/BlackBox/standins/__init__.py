"""Small stand-ins for Twilio and Ultravox, for these tests only, written from the vendors' documents.

They know nothing of the gateway's own sandbox: two readings of the documents meet in the tests.
"""
