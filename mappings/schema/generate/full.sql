call generator.fill_size(scale => 62.5, seed => current_setting('clinic.seed'));
