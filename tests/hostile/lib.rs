//! Guests that misbehave, one an example: see `examples/`.
