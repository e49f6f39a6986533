using Protean.Codec;
using Protean.Sealing;
using Protean.State;

namespace Protean.Runtime;

/// <summary>A member's state as text, to be compared with another member's.</summary>
internal static class StateDump
{
    public static IEnumerable<string> Of(DivergenceException divergence, UnitState state)
    {
        yield return $"why {divergence.Message}";
        yield return $"own {Text(divergence.Own)}";
        yield return divergence.Quorum is { } quorum ? $"quorum {Text(quorum)}" : "quorum unknown: their votes differ from the own header";
        yield return $"executed {state.Executed?.Height}";
        foreach (var (name, map) in ((string, MapSnapshot)[])[(UnitState.DataMap, state.Data), (UnitState.KeysMap, state.Keys), (UnitState.ReplayMap, state.Replay)])
        {
            yield return $"map {name} root {map.Root}";
            foreach (var entry in map.Scan(Bytes.Empty)) yield return $"{name} {entry.Key} version {entry.Version} owner {entry.Owner} value {entry.Value}";
        }
    }

    private static string Text(SealHeader header) => $"height {header.Height} {Convert.ToHexStringLower(Canonical.Encode(header))}";
}
