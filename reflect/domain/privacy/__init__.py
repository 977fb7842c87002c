"""The promises of DESIGN 5 as code: sealing, the release rule, the receipt, retention."""
