package session

import (
	"time"

	"example.com/app/config"
)

func Lifetime() time.Duration {
	return time.Duration(config.SessionLifetime)
}
