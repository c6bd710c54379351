import { limiter } from "../limiter";
import type { Request } from "express";

export const loginLimit = limiter({ max: 5, seconds: 60, key: (req: Request) => req.header("x-forwarded-for") ?? "" });
