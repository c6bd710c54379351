package store

import (
	"context"
	"database/sql"
)

func (s *Store) Names(ctx context.Context, team int64) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT name FROM members WHERE team_id = $1`, team)
	if err != nil {
		return nil, err
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
