call generator.fill_size(scale => 1, seed => '1');
