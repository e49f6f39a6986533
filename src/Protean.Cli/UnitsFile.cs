using System.Text.Json;
using Protean.Client;
using Protean.Membership;

namespace Protean.Cli;

/// <summary>Which node serves in which unit, as operators write it down: a JSON list with class, ordinal (0 if left out), members by operator, and, if they
/// are not to be the defaults, quorum and threshold.</summary>
internal static class UnitsFile
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 8,
    };

    private sealed record Entry(string Class, IReadOnlyList<string> Members, uint Ordinal = 0, ushort? Quorum = null, ushort? Threshold = null);

    /// <exception cref="RefusedException">PRT-CMD-0007.</exception>
    public static IReadOnlyList<UnitSpec> Read(string path, IReadOnlyList<NodeRecord> nodes)
    {
        try
        {
            var entries = JsonSerializer.Deserialize<Entry[]>(File.ReadAllBytes(path), Strict) ?? throw new JsonException("nothing in it");
            return [.. entries.Select(entry => ToSpec(entry, nodes))];
        }
        catch (JsonException malformed)
        {
            throw new RefusedException(CommandRefusals.UnitsMalformed(path, malformed.Message));
        }
    }

    private static UnitSpec ToSpec(Entry entry, IReadOnlyList<NodeRecord> nodes) => new(
        entry.Class, entry.Ordinal,
        [
            .. entry.Members.Select(member => nodes.Where(node => node.Operator == member).ToArray() is [var node]
                ? node.NodeId
                : throw new JsonException($"'{member}' is not the operator of exactly one node")),
        ],
        entry.Quorum ?? Committee.DefaultQuorum(entry.Members.Count), entry.Threshold ?? Committee.DefaultThreshold(entry.Members.Count));
}
