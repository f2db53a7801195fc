import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Some value that a contract accepts: what a source answers for which the demo has no data. */
export function sampleOf(contract: z.ZodType): unknown {
  const root = z.toJSONSchema(contract);
  const sample = (schema: JsonSchema): unknown => {
    if (schema.$ref !== undefined)
      return sample(root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {});
    if (schema.enum !== undefined) return schema.enum[0];
    switch (schema.type) {
      case 'array':
        return [sample((schema.items ?? {}) as JsonSchema)];
      case 'object':
        return Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, property]) => [
            name,
            sample(property as JsonSchema),
          ]),
        );
      case 'string':
        return 'a sample';
      case 'number':
      case 'integer':
        return 1;
      case 'boolean':
        return true;
      default:
        return null;
    }
  };
  return sample(root);
}
