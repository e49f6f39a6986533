using Protean.Cryptography;

namespace Protean.Membership;

/// <summary>Who serves in which unit in which epoch, as far as a log, a client or a proof file knows it (protocols 9.6).</summary>
public interface IDirectory
{
    Digest ChainId { get; }
    Genesis Genesis { get; }

    /// <summary>The newest epoch known.</summary>
    ulong CurrentEpoch { get; }

    /// <summary>The committee, or null where unit or epoch is unknown.</summary>
    Committee? CommitteeOf(Digest unitId, ulong epoch);

    /// <summary>All units, in genesis order.</summary>
    IReadOnlyList<UnitEntry> Units { get; }
}

/// <summary>A unit as the directory lists it.</summary>
public sealed record UnitEntry(Digest UnitId, string Class, uint Ordinal);

public static class DirectoryExtensions
{
    public static UnitEntry? Find(this IDirectory directory, string unitClass, uint ordinal = 0) =>
        directory.Units.FirstOrDefault(unit => unit.Class == unitClass && unit.Ordinal == ordinal);

    public static UnitEntry? Find(this IDirectory directory, Digest unitId) =>
        directory.Units.FirstOrDefault(unit => unit.UnitId == unitId);
}
