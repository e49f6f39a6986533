using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Protean.Workflows.Language;

/// <summary>The JSON Schema of workflow files, so that editors complete and check them. Written from the shapes that the reader
/// checks.</summary>
public static class JsonSchema
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>The schema (draft 2020-12); <c>docs/workflow.schema.json</c> is this text.</summary>
    public static string Text()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", "PROTEAN application");
            json.WriteString("$ref", "#/$defs/application");
            json.WriteStartObject("$defs");
            foreach (var (name, shape) in Shapes.Definitions)
            {
                json.WritePropertyName(name);
                Write(json, shape);
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Write(Utf8JsonWriter json, Shape shape)
    {
        json.WriteStartObject();
        if (shape.Summary.Length > 0) json.WriteString("description", shape.Summary);
        switch (shape)
        {
            case Shape.Value value: WriteValue(json, value); break;
            case Shape.Word word: WriteTexts(json, "enum", word.Words); break;
            case Shape.ListOf list:
                json.WriteString("type", "array");
                json.WritePropertyName("items");
                Write(json, list.Item);
                break;
            case Shape.Named named:
                json.WriteString("type", "object");
                json.WritePropertyName("propertyNames");
                Write(json, Shapes.Name);
                json.WritePropertyName("additionalProperties");
                Write(json, named.Item);
                break;
            case Shape.Keyed keyed: WriteKeyed(json, keyed); break;
            case Shape.Either either: WriteAll(json, "anyOf", either.Shapes); break;
            case Shape.Reference reference: json.WriteString("$ref", $"#/$defs/{reference.Name}"); break;
        }
        json.WriteEndObject();
    }

    // YAML's plain 42 and true are no strings to an editor; patterns bind strings only.
    private static void WriteValue(Utf8JsonWriter json, Shape.Value value)
    {
        WriteTexts(json, "type", ["string", "number", "boolean"]);
        json.WriteString("pattern", value.Pattern.Replace("(?s)^.", "^[\\s\\S]", StringComparison.Ordinal));
    }

    private static void WriteKeyed(Utf8JsonWriter json, Shape.Keyed keyed)
    {
        json.WriteString("type", "object");
        json.WriteStartObject("properties");
        foreach (var key in keyed.Keys)
        {
            json.WritePropertyName(key.Name);
            Write(json, key.Shape);
        }
        json.WriteEndObject();
        json.WriteBoolean("additionalProperties", false);
        if (keyed.Keys.Any(static key => key.Required)) WriteTexts(json, "required",
            keyed.Keys.Where(static key => key.Required).Select(static key => key.Name));
        if (keyed.ExactlyOne.Count == 0) return;
        json.WriteStartArray("oneOf");
        foreach (var name in keyed.ExactlyOne)
        {
            json.WriteStartObject();
            WriteTexts(json, "required", [name]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteAll(Utf8JsonWriter json, string name, IEnumerable<Shape> shapes)
    {
        json.WriteStartArray(name);
        foreach (var shape in shapes) Write(json, shape);
        json.WriteEndArray();
    }
}
