"""What must hold when processes die, disks fail and clients misbehave."""
