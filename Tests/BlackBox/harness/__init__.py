"""What the tests need to run and watch a program from outside: processes, raw HTTP, polling, phone numbers."""
