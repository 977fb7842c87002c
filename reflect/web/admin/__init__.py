"""The registration portal: where an administrator connects learning platforms and sees how they fare."""
