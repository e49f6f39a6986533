using System.Text.Json;

namespace Protean.Node.Configuration;

/// <summary>Reads a JSON object key by key; whatever is missing, of another kind, or left over is refused by name.</summary>
internal sealed class JsonSection
{
    private const int MaxDepth = 4;

    private readonly string _path;
    private readonly JsonElement _object;
    private readonly HashSet<string> _read = [];

    private JsonSection(string path, JsonElement element)
    {
        _path = path;
        _object = element;
    }

    /// <exception cref="RefusedException">Unreadable, too large, or not one JSON object.</exception>
    public static JsonSection ReadFile(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(BoundedFile.Read(path, Limits.MaxConfigurationFile), new JsonDocumentOptions
            {
                MaxDepth = MaxDepth,
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
                AllowDuplicateProperties = false,
            });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw Invalid(path, "$", "an object", Kind(document.RootElement));
            return new JsonSection(path, document.RootElement.Clone());
        }
        catch (JsonException malformed)
        {
            var place = $"line {malformed.LineNumber + 1}, column {malformed.BytePositionInLine + 1}";
            throw new RefusedException(NodeRefusals.ConfigurationInvalid(path, place, "JSON", malformed.Message), malformed);
        }
    }

    public string Text(string key) => OptionalText(key) ?? throw Invalid(_path, key, "a text", "nothing");

    public string? OptionalText(string key)
    {
        _read.Add(key);
        if (!_object.TryGetProperty(key, out var value)) return null;
        return value.ValueKind == JsonValueKind.String && Unescaped(key, value) is { Length: > 0 } text
            ? text
            : throw Invalid(_path, key, "a text that is not empty", Kind(value));
    }

    // The parser leaves what stands between quotes as it is: half a surrogate pair, or bytes that are no UTF-8, show only here.
    private string Unescaped(string key, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException malformed)
        {
            throw new RefusedException(NodeRefusals.ConfigurationInvalid(_path, key, "a text in UTF-8", "bytes or escapes that are none"), malformed);
        }
    }

    public T Parsed<T>(string key, string expected, TryParse<T> parse)
    {
        var text = Text(key);
        return parse(text, out var value) ? value : throw Invalid(_path, key, expected, $"'{text}'");
    }

    /// <summary>An object of texts; empty where the key is missing.</summary>
    public IReadOnlyDictionary<TKey, TValue> Pairs<TKey, TValue>(string key, string expected, TryParse<TKey> parseKey, TryParse<TValue> parseValue) where TKey : notnull
    {
        var pairs = new Dictionary<TKey, TValue>();
        _read.Add(key);
        if (!_object.TryGetProperty(key, out var section)) return pairs;
        if (section.ValueKind != JsonValueKind.Object) throw Invalid(_path, key, $"an object: {expected}", Kind(section));
        foreach (var pair in section.EnumerateObject())
        {
            var text = pair.Value.ValueKind == JsonValueKind.String ? pair.Value.GetString()! : Kind(pair.Value);
            if (!parseKey(pair.Name, out var name) || !parseValue(text, out var value)) throw Invalid(_path, key, expected, $"'{pair.Name}': '{text}'");
            pairs[name] = value;
        }
        return pairs;
    }

    public delegate bool TryParse<T>(string text, out T value);

    /// <summary>Refuses keys that nothing asked for: a misspelt one would otherwise be silently without effect.</summary>
    public void End()
    {
        foreach (var property in _object.EnumerateObject())
            if (!_read.Contains(property.Name))
                throw Invalid(_path, property.Name, $"one of {string.Join(", ", _read.Order(StringComparer.Ordinal))}", "an unknown key");
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "an empty text",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => value.GetRawText(),
    };

    private static RefusedException Invalid(string path, string key, string expected, string got) =>
        new(NodeRefusals.ConfigurationInvalid(path, key, expected, got));
}
