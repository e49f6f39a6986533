using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.KeyGeneration;

/// <summary>A generated key as one member holds it.</summary>
/// <param name="generated">What everybody knows of it.</param>
/// <param name="self">The member.</param>
/// <param name="share">x_j, taken over; null where a dealer cheated the member and the share is not repaired yet.</param>
public sealed class ThresholdKey(GeneratedKey generated, MemberId self, SecretScalar? share) : IDisposable
{
    /// <summary>What everybody knows of it.</summary>
    public GeneratedKey Generated { get; } = generated;

    public MemberId Self { get; } = self;

    /// <summary>This member's secret share, or null.</summary>
    public SecretScalar? Share { get; } = share;

    public string Purpose => Generated.Purpose;
    public Digest KeyId => Generated.KeyId;
    public Digest Sid => Generated.Sid;

    /// <summary>A_k*, PK and the public shares Y_i.</summary>
    public ThresholdPublicKey Public => Generated.Key;

    public void Dispose() => Share?.Dispose();
}
