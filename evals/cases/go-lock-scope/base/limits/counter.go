package limits

import "sync"

type Counter struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *Counter) Hit(key string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[key]++
	return c.seen[key]
}
