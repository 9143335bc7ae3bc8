"""What transports, flash tools and stages share: outside programs, ELF files, counts, system roots, the harness."""
