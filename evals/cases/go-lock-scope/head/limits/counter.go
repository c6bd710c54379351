package limits

import "sync"

type Counter struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *Counter) Hit(key string) int {
	c.mu.Lock()
	c.seen[key]++
	c.mu.Unlock()
	return c.seen[key]
}
