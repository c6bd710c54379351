package config

// SessionLifetime is in seconds.
var SessionLifetime = 1800
