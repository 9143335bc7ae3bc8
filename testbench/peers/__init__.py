"""C of other compilers in our firmware: how a peer says what it made, and what that takes; files mended for peers."""
