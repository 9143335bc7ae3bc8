"""The parts of the pass `latent`: decoders, the model of the latents' entropy, the model that trains, the accounts."""
