import express from "express";
import { verify } from "../signature";
import { orders } from "../orders";

export const hooks = express.Router();

hooks.post("/payments", express.raw({ type: "*/*" }), async (req, res) => {
  if (!verify(req.body, req.header("x-signature"))) {
    return res.status(401).end();
  }
  await orders.settle(JSON.parse(req.body.toString()));
  return res.status(204).end();
});
