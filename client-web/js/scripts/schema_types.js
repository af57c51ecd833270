#!/usr/bin/env node
// Writes a game's TypeScript types from its JSON Schemas:
//
//     emberdrift-types SCHEMA_FOLDER NAME OUT.d.ts
//
// The schemas of two games differ only in what the games define: their arena, input, own state, look, item, event and notice. So the
// types of the engine's messages are generic over an interface with these parts, and a game's file has that interface, named NAME.

import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HEADER = "// Generated from the JSON Schemas: do not edit. `npm run types` writes it again.\n\n";
const NAMED_BY_ENGINE = "emberdrift-client/messages";

/** Reads the three schemas of a game. */
export function readSchemas(folder) {
  const read = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
  return { client: read("client_message"), server: read("server_message"), feed: read("feed") };
}

/**
 * The two files of types: of the engine's messages, and of what the game defines.
 *
 * @returns {{ engine: string, game: string }}
 */
export function typesOf(schemas, gameName, engineModule = NAMED_BY_ENGINE) {
  const { client, server, feed } = structuredClone(schemas);
  const definitions = merged(client, server, feed);
  // The server leaves out nothing but topics of the feed: what may be missing there is null.
  requireAll([server, ...Object.keys(server.$defs).map((name) => definitions[name])]);
  const parts = takeParts(definitions);

  const roots = ["ClientMessage", "ServerMessage"];
  const ofEngine = reachable(definitions, roots.map((name) => definitions[name])).union(roots);
  const ofGame = reachable(definitions, [...Object.values(parts), definitions.FeedDocument]).union(["FeedDocument"]).minus(ofEngine);
  const generic = ofEngine.filter((name) => hasPart(definitions, definitions[name]));
  const declared = (names) => names.sorted().map((name) => declaration(name, definitions[name], generic)).join("\n");

  const interfaceOf = (name, typeOf) =>
    `export interface ${name} {\n${Object.keys(parts).map((part) => `  ${part}: ${typeOf(part)};\n`).join("")}}\n\n`;
  const engine =
    HEADER + "/** What a game defines. */\n" + interfaceOf("Parts", () => "unknown") + declared(ofEngine);
  const body =
    "/** The game's parts of the engine's messages. */\n" +
    interfaceOf(gameName, (part) => typeText(parts[part], generic, "  ")) +
    declared(ofGame);
  const ofGameSchemas = [...Object.values(parts), ...ofGame.sorted().map((name) => definitions[name])];
  const referenced = new Set(ofGameSchemas.flatMap((schema) => [...nodes(schema)]).map(({ $ref }) => $ref && nameOf($ref)));
  const imported = ofEngine.sorted().filter((name) => referenced.has(name));
  const imports = imported.length === 0 ? "" : `import type { ${imported.join(", ")} } from "${engineModule}";\n\n`;
  return { engine, game: HEADER + imports + body };
}

/** A set of names with the few operations needed here. */
class Names {
  constructor(names) {
    this.set = new Set(names);
  }
  has(name) {
    return this.set.has(name);
  }
  union(names) {
    return new Names([...this.set, ...names]);
  }
  minus(names) {
    return this.filter((name) => !names.has(name));
  }
  filter(keep) {
    return new Names([...this.set].filter(keep));
  }
  sorted() {
    return [...this.set].sort();
  }
}

/** The definitions of all schemas, with the schemas themselves by their titles. */
function merged(...schemas) {
  const definitions = {};
  for (const schema of schemas) {
    for (const [name, definition] of [...Object.entries(schema.$defs), [schema.title, schema]]) {
      if (name in definitions && typeText(definitions[name]) !== typeText(definition)) {
        throw new Error(`two schemas define ${name} differently`);
      }
      definitions[name] ??= definition;
    }
  }
  return definitions;
}

/** Makes every property required. */
function requireAll(schemas) {
  for (const node of schemas.flatMap((schema) => [...nodes(schema)])) {
    if (node.properties) node.required = Object.keys(node.properties);
  }
}

/** Replaces what the game defines by a mark with the part's name, and returns what was there. */
function takeParts(definitions) {
  const variant = (name, key) => {
    const found = definitions[name].oneOf.find((option) => option.properties && key in option.properties);
    return found.properties;
  };
  const places = {
    Arena: [[definitions.Welcome.properties, "arena"]],
    Input: [[variant("ClientMessage", "Input").Input.properties, "input"]],
    Own: [[variant("ViewerState", "Player").Player.properties, "own"]],
    Look: [[definitions.BodyState.properties, "look"], [definitions.LookChange.properties, "look"]],
    Item: [[definitions.PlacedItem.properties, "item"]],
    Event: [[variant("CellChange", "Events").Events, "items"]],
    Notice: [[variant("Notice", "Game"), "Game"]],
  };
  const taken = {};
  for (const [part, owners] of Object.entries(places)) {
    for (const [owner, key] of owners) {
      const { description, ...schema } = owner[key];
      taken[part] = schema;
      owner[key] = { part, description };
    }
  }
  return taken;
}

/** A schema and all schemas inside it, without following references. */
function* nodes(schema) {
  yield schema;
  const { properties = {}, oneOf = [], anyOf = [], prefixItems = [], items } = schema;
  for (const inner of [...Object.values(properties), ...oneOf, ...anyOf, ...prefixItems, ...(items ? [items] : [])]) {
    yield* nodes(inner);
  }
}

const nameOf = (reference) => reference.replace("#/$defs/", "");

/** The names of the definitions that schemas refer to, directly or not. */
function reachable(definitions, schemas) {
  const found = new Set();
  const visit = (schema) => {
    for (const { $ref } of nodes(schema)) {
      const name = $ref && nameOf($ref);
      if (name && !found.has(name)) {
        found.add(name);
        visit(definitions[name]);
      }
    }
  };
  schemas.forEach(visit);
  return new Names(found);
}

/** Whether a part of the game is in a schema or in what it refers to. */
function hasPart(definitions, schema) {
  const inner = reachable(definitions, [schema]).sorted().map((name) => definitions[name]);
  return [schema, ...inner].some((one) => [...nodes(one)].some(({ part }) => part));
}

function declaration(name, schema, generic) {
  const parameters = generic.has(name) ? "<G extends Parts>" : "";
  const text = typeText({ ...schema, title: undefined }, generic, "");
  const isInterface = schema.type === "object" && schema.properties;
  const equals = text.startsWith("\n") ? " =" : " = ";
  const head = isInterface ? `export interface ${name}${parameters} ${text}` : `export type ${name}${parameters}${equals}${text};`;
  return `${comment(schema.description, "")}${head}\n`;
}

/** The type of a schema; `indent` is that of the line on which it begins. */
function typeText(schema, generic = new Names([]), indent = "") {
  const inner = (one, deeper = indent) => typeText(one, generic, deeper);
  if (schema.part) return `G["${schema.part}"]`;
  if (schema.$ref) return nameOf(schema.$ref) + (generic.has(nameOf(schema.$ref)) ? "<G>" : "");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.oneOf) return unionText(schema.oneOf, inner, indent);
  if (schema.anyOf) return schema.anyOf.map((one) => inner(one)).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => inner({ ...schema, type })).join(" | ");
  switch (schema.type) {
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "array":
      return arrayText(schema, inner);
    case "object":
      return objectText(schema, inner, indent);
    default:
      throw new Error(`a schema of a kind that this script does not know: ${JSON.stringify(schema)}`);
  }
}

function unionText(options, inner, indent) {
  const lines = options.map((option) => `\n${comment(option.description, `${indent}  `)}${indent}  | ${inner(option, `${indent}  `)}`);
  return lines.join("");
}

function arrayText({ prefixItems, items, minItems, maxItems }, inner) {
  if (prefixItems) return `[${prefixItems.map((one) => inner(one)).join(", ")}]`;
  const item = inner(items);
  if (minItems !== undefined && minItems === maxItems && minItems <= 4) return `[${Array(minItems).fill(item).join(", ")}]`;
  return /^[\w<>"[\]]+$/.test(item) ? `${item}[]` : `Array<${item}>`;
}

function objectText({ properties, required = [] }, inner, indent) {
  const deeper = `${indent}  `;
  const lines = Object.entries(properties).map(([name, schema]) => {
    const mark = required.includes(name) ? "" : "?";
    return `${comment(schema.description, deeper)}${deeper}${name}${mark}: ${inner(schema, deeper)};\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
}

/** A description as a comment, without links into the Rust code and Rust's word for nothing. */
function comment(description, indent) {
  if (!description) return "";
  const text = description.replace(/\[`([^`]+)`\](\([^)]*\))?/g, (_, code) => `\`${code.split("::").pop()}\``).replaceAll("`None`", "`null`");
  return `${indent}/** ${text.replaceAll("\n", `\n${indent} * `)} */\n`;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [folder, gameName, out] = process.argv.slice(2);
  if (!out) {
    console.error("usage: emberdrift-types SCHEMA_FOLDER NAME OUT.d.ts");
    process.exit(2);
  }
  writeFileSync(out, typesOf(readSchemas(folder), gameName).game);
}
