"""What a change walks through: one pure function a stage, in the order of `reviewer.pipeline`."""
