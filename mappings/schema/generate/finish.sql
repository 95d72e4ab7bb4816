drop schema generator cascade;
