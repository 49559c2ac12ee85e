"""What a request costs here, beside other stacks and beside what the machine can do at best."""
