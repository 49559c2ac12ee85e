// Fastify and node-postgres: response schemas, prepared statements, @fastify/jwt with its cache.
import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import jwt from "@fastify/jwt";
import Fastify from "fastify";
import pg from "pg";

const workers = Number(process.env.BENCH_WORKERS);
const columns =
  "id, symbol, side, quantity, price, executed_at, external_ref, created_at, updated_at, version";

const given = {
  symbol: { type: "string", minLength: 1, maxLength: 20 },
  side: { type: "string", enum: ["buy", "sell"] },
  quantity: { type: "string", pattern: "^-?[0-9]{1,12}(\\.[0-9]{1,8})?$" },
  price: { type: "string", pattern: "^-?[0-9]{1,12}(\\.[0-9]{1,8})?$" },
  executed_at: { type: "string", format: "date-time" },
  external_ref: { type: "string", minLength: 1, maxLength: 64 },
};
const fill = {
  type: "object",
  properties: {
    ...given,
    id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    updated_at: { type: "string", format: "date-time" },
    version: { type: "integer" },
  },
};
const page = {
  type: "object",
  properties: {
    items: { type: "array", items: fill },
    next_cursor: { type: "string", nullable: true },
  },
};
const fillParams = {
  type: "object",
  properties: { fillId: { type: "string", format: "uuid" } },
};
const pageQuery = {
  type: "object",
  properties: {
    limit: { type: "integer", minimum: 1, maximum: 500, default: 50 },
    cursor: { type: "string", maxLength: 200 },
  },
};
const fillBody = {
  type: "object",
  properties: given,
  required: Object.keys(given),
  additionalProperties: false,
};

async function serve() {
  const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL, max: 16 });
  const app = Fastify();
  await app.register(jwt, {
    secret: process.env.BENCH_SECRET_KEY,
    verify: { allowedAud: "access", cache: true },
  });
  app.addHook("onRequest", (request) => request.jwtVerify());

  app.get(
    "/fills/:fillId",
    { schema: { params: fillParams, response: { 200: fill } } },
    async (request, reply) => {
      const { rows } = await pool.query({
        name: "one",
        text: `SELECT ${columns} FROM fills WHERE user_id = $1 AND id = $2`,
        values: [request.user.sub, request.params.fillId],
      });
      if (rows.length === 0) return reply.code(404).send({ message: "Fill not found" });
      return rows[0];
    },
  );

  app.get(
    "/fills",
    { schema: { querystring: pageQuery, response: { 200: page } } },
    async (request) => {
      const { limit, cursor } = request.query;
      const last = cursor?.split("_");
      const { rows } = await pool.query(
        last
          ? {
              name: "next page",
              text: `SELECT ${columns} FROM fills
                WHERE user_id = $1 AND (executed_at, id) < ($3::timestamptz, $4::uuid)
                ORDER BY executed_at DESC, id DESC LIMIT $2`,
              values: [request.user.sub, limit + 1, ...last],
            }
          : {
              name: "first page",
              text: `SELECT ${columns} FROM fills WHERE user_id = $1
                ORDER BY executed_at DESC, id DESC LIMIT $2`,
              values: [request.user.sub, limit + 1],
            },
      );
      const items = rows.slice(0, limit);
      const end = rows.length > limit ? items[limit - 1] : null;
      return { items, next_cursor: end && `${end.executed_at.toISOString()}_${end.id}` };
    },
  );

  app.post(
    "/fills",
    { schema: { body: fillBody, response: { 201: fill } } },
    async (request, reply) => {
      const { symbol, side, quantity, price, executed_at, external_ref } = request.body;
      const now = new Date();
      const { rows } = await pool.query({
        name: "add",
        text: `INSERT INTO fills (user_id, ${columns})
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 1) RETURNING ${columns}`,
        values: [
          request.user.sub,
          randomUUID(),
          symbol,
          side,
          quantity,
          price,
          executed_at,
          external_ref,
          now,
        ],
      });
      return reply.code(201).send(rows[0]);
    },
  );

  await app.listen({ port: Number(process.env.BENCH_PORT), host: "127.0.0.1" });
}

if (workers > 1 && cluster.isPrimary) {
  for (let number = 0; number < workers; number += 1) cluster.fork();
} else {
  await serve();
}
