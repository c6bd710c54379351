package session

import "time"

func Lifetime() time.Duration {
	return 30 * time.Minute
}
