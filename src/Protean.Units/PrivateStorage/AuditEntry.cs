using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.PrivateStorage;

/// <summary>One request to read a secret, as the unit's state keeps it: the audit trail.</summary>
/// <param name="Height">Of the block that decided it.</param>
/// <param name="TimeMs">Of that block.</param>
/// <param name="Request">Names the request.</param>
/// <param name="Signers">Who signed it, ascending.</param>
/// <param name="Policy">The version of the policy that decided; zeros where it did not come to that.</param>
/// <param name="Refused">Empty where it was granted; else the code of the check that failed.</param>
/// <param name="ReplayKey">Of its result.</param>
public sealed record AuditEntry(
    ulong Height, ulong TimeMs, Digest Request, IReadOnlyList<PublicKey> Signers, Digest Policy, string Refused, Digest ReplayKey) : ICanonical<AuditEntry>
{
    public void Encode(Encoder to) => to.U64(Height).U64(TimeMs).Digest(Request).List(Signers, static (e, key) => e.Key(key)).Digest(Policy)
        .Text(Refused).Digest(ReplayKey);

    public static AuditEntry Decode(ref Decoder from)
    {
        var entry = new AuditEntry(
            from.U64(), from.U64(), from.Digest(), from.List(Limits.MaxSignatures, static (ref Decoder d) => d.Key()), from.Digest(),
            from.Text(Limits.MaxName), from.Digest());
        Ascending.Require(entry.Signers, static key => key, "signers");
        return entry;
    }

    public bool Equals(AuditEntry? other) => other is not null && (Height, TimeMs, Request, Policy, Refused, ReplayKey)
        == (other.Height, other.TimeMs, other.Request, other.Policy, other.Refused, other.ReplayKey) && Signers.SequenceEqual(other.Signers);

    public override int GetHashCode() => Request.GetHashCode();
}
