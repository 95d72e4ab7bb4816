call generator.fill_size(scale => 1, seed => current_setting('clinic.seed'));
