"""Contracts: OpenAPI, GraphQL, protobuf and Avro documents, compared from a client's side."""
