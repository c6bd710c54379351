import express from "express";
import { orders } from "../orders";

export const hooks = express.Router();

hooks.post("/payments", express.raw({ type: "*/*" }), async (req, res) => {
  await orders.settle(JSON.parse(req.body.toString()));
  return res.status(204).end();
});
