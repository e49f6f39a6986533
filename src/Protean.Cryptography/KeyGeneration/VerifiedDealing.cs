using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Protean.Cryptography;

/// <summary>Who a complaint turns out to speak against.</summary>
public enum ComplaintVerdict
{
    /// <summary>The complaint is not well-founded evidence about this dealing: it counts against nobody.</summary>
    Ignored,

    /// <summary>The share is bad.</summary>
    DealerGuilty,

    /// <summary>The share is good.</summary>
    ComplainerGuilty,
}

/// <summary>A dealing whose proof holds. Only such a dealing can be opened or complained about.</summary>
/// <remarks>A complaint reveals <c>ek R</c>. Without the proof for R a dealer could copy the R of an honest dealer and have the victim
/// reveal the mask of the honest share (protocols 3.2). The caller sees to it that the dealing is finalised in the log and the one that
/// counts.</remarks>
public sealed class VerifiedDealing
{
    private VerifiedDealing(DkgSession session, Dealing dealing)
    {
        (Session, Dealing, Id) = (session, dealing, dealing.Id());
        Polynomial = new PublicPolynomial(dealing.Commitments);
    }

    internal static Verifier<(DkgSession Session, Dealing Dealing)> Checks { get; } = new(
        new("PRT-CRY-0031", d => d.Dealing.Sid == d.Session.Sid),
        new("PRT-CRY-0032", d => d.Session.HasMember(d.Dealing.Dealer)),
        new("PRT-CRY-0033", d => d.Dealing.Commitments.Length == d.Session.Threshold),
        new("PRT-CRY-0034", d => d.Dealing.Shares.Length == d.Session.Members),
        new("PRT-CRY-0035", d => !d.Dealing.Commitments.Span.Contains(Point.Identity)),
        new("PRT-CRY-0036", d => !d.Dealing.R.IsIdentity),
        new("PRT-CRY-0037", d => Recompute(d.Dealing) == d.Dealing.Proof.Challenge));

    internal static Verifier<(VerifiedDealing Counted, Complaint Complaint)> ComplaintChecks { get; } = new(
        new("PRT-CRY-0041", c => c.Complaint.Sid == c.Counted.Session.Sid),
        new("PRT-CRY-0042", c => c.Complaint.DealingId == c.Counted.Id),
        new("PRT-CRY-0043", c => c.Complaint.Dealer == c.Counted.Dealing.Dealer),
        new("PRT-CRY-0044", c => c.Counted.Session.HasMember(c.Complaint.Complainer)),
        new("PRT-CRY-0045", c => Dleq.Refusal(c.Counted.StatementOf(c.Complaint), c.Complaint.Proof) is null));

    public DkgSession Session { get; }
    public Dealing Dealing { get; }
    public Digest Id { get; }
    public PublicPolynomial Polynomial { get; }

    /// <summary>Checks a dealing against its session.</summary>
    /// <returns>Null and the verified dealing; or the first that fails of <c>PRT-CRY-0031</c> session, <c>0032</c> dealer is a member,
    /// <c>0033</c> exactly t commitments, <c>0034</c> exactly n shares, <c>0035</c> no commitment and <c>0036</c> not R is the identity,
    /// <c>0037</c> proof.</returns>
    public static string? TryVerify(DkgSession session, Dealing dealing, out VerifiedDealing? verified)
    {
        var refusal = Checks.Refusal((session, dealing));
        verified = refusal is null ? new VerifiedDealing(session, dealing) : null;
        return refusal;
    }

    /// <summary>Opens the own share: either a share that fits the commitments, or the complaint to post.</summary>
    public bool TryOpen(
        ushort recipient, SecretScalar decryptionKey, IRandom random,
        [NotNullWhen(true)] out SecretScalar? share, [NotNullWhen(false)] out Complaint? complaint)
    {
        if (decryptionKey.MultiplyBase() != Session.EncryptionKey(recipient))
            throw new ArgumentException("not the key that this share was encrypted to", nameof(decryptionKey));
        Span<byte> sharedKey = stackalloc byte[Point.Size];
        decryptionKey.Multiply(Dealing.R, sharedKey);
        share = Unmask(recipient, sharedKey);
        CryptographicOperations.ZeroMemory(sharedKey);
        complaint = share is null ? Accuse(recipient, decryptionKey, random) : null;
        return share is not null;
    }

    /// <summary>Null for a complaint that is evidence about this dealing; or <c>PRT-CRY-0041</c> session, <c>0042</c> dealing,
    /// <c>0043</c> dealer, <c>0044</c> complainer is a member, <c>0045</c> proof that the revealed key is the one shared with the
    /// complainer.</summary>
    public string? Refusal(Complaint complaint) => ComplaintChecks.Refusal((this, complaint));

    /// <summary>Recomputes the share from the revealed key. Everybody comes to the same verdict.</summary>
    public ComplaintVerdict Judge(Complaint complaint)
    {
        if (Refusal(complaint) is not null) return ComplaintVerdict.Ignored;
        using var share = Unmask(complaint.Complainer, complaint.SharedKey.Span);
        return share is null ? ComplaintVerdict.DealerGuilty : ComplaintVerdict.ComplainerGuilty;
    }

    /// <summary>The complaint, whether or not it is justified.</summary>
    internal Complaint Accuse(ushort complainer, SecretScalar decryptionKey, IRandom random)
    {
        var complaint = new Complaint(Session.Sid, Id, Dealing.Dealer, complainer, decryptionKey.Multiply(Dealing.R), default);
        return complaint with { Proof = Dleq.Prove(StatementOf(complaint), decryptionKey, random) };
    }

    private SecretScalar? Unmask(ushort recipient, ReadOnlySpan<byte> sharedKey)
    {
        Span<byte> share = stackalloc byte[Scalar.Size];
        var sid = Session.Sid;
        Dealing.Shares.Span[recipient - 1].Span.CopyTo(share);
        DealingEquations.Mask(sid.Span, Dealing.Dealer, recipient, Dealing.R, Session.EncryptionKey(recipient), sharedKey, share);
        var good = SecretScalar.TryDecode(share, out var scalar) && scalar.MultiplyBase() == Polynomial.Evaluate(recipient);
        CryptographicOperations.ZeroMemory(share);
        if (good) return scalar;
        scalar?.Dispose();
        return null;
    }

    private DleqStatement StatementOf(Complaint complaint) => new(
        Complaint.ProofDomain, complaint.ProofContext(), Point.Base, Session.EncryptionKey(complaint.Complainer),
        Dealing.R, complaint.SharedKey);

    private static Scalar Recompute(Dealing dealing)
    {
        var (challenge, response0, response1) = dealing.Proof;
        var sid = dealing.Sid;
        return DealingEquations.Challenge(
            DealingEquations.Begin(sid.Span, dealing.Dealer, dealing.Commitments.Span, dealing.R, dealing.Shares.Span),
            Point.MultiplyBase(response0) - challenge * dealing.Commitments.Span[0],
            Point.MultiplyBase(response1) - challenge * dealing.R);
    }
}
