using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;

namespace Protean.Tests.KeyGeneration;

/// <summary>What Byzantine members do in a key generation, by name.</summary>
internal static class Deeds
{
    public static IEnumerable<Posting> Silent(Posting owed) => [];

    /// <summary>Deals, and never says anything again.</summary>
    public static IEnumerable<Posting> SilentAfterDealing(Posting owed) => owed.Topic == KeyGenerator.DealingTopic ? [owed] : [];

    /// <summary>Deals shares that do not fit to the victims; its proof holds, since it covers the ciphertexts whatever they hide.</summary>
    public static Func<Posting, IEnumerable<Posting>> DealsWrongSharesTo(GenerationLog log, ushort self, params ushort[] victims) => owed =>
        owed.Topic == KeyGenerator.DealingTopic ? [owed with { Payload = Bytes.Wrap(WrongDealing(log, self, victims).Encode()) }] : [owed];

    public static Dealing WrongDealing(GenerationLog log, ushort self, params ushort[] victims)
    {
        var stranger = Point.MultiplyBase(Scalar.FromInteger(4711));
        var session = log.Session;
        Point[] keys = [.. log.Committee.Ids.Select(id => victims.Contains(id.Index) ? stranger : session.EncryptionKey(id.Index))];
        return Dealing.Deal(new DkgSession(session.Sid, session.Threshold, keys), self, new SeededRandom(self));
    }

    /// <summary>Deals twice, differently.</summary>
    public static Func<Posting, IEnumerable<Posting>> DealsTwice(GenerationLog log, ushort self) => owed =>
        owed.Topic == KeyGenerator.DealingTopic ? [owed, owed with { Payload = Bytes.Wrap(WrongDealing(log, self).Encode()) }] : [owed];

    /// <summary>Complains about a good share.</summary>
    public static Func<Posting, IEnumerable<Posting>> ComplainsFalselyAbout(GenerationLog log, ushort self, ushort dealer) => owed =>
        owed.Topic == KeyGenerator.AcknowledgementTopic ? [FalseComplaint(log, self, dealer), owed] : [owed];

    public static Posting FalseComplaint(GenerationLog log, ushort self, ushort dealer) =>
        Complaint(log, Counted(log, dealer).Accuse(self, log.EncryptionSecrets[self - 1], new SeededRandom(self)));

    public static VerifiedDealing Counted(GenerationLog log, ushort dealer) =>
        log[1].Generator.Dealing(log[1].Keys, log.State, new(dealer))!;

    public static Posting Complaint(GenerationLog log, Complaint complaint) =>
        new(KeyGenerator.ComplaintTopic, log.Session.Sid, Bytes.Wrap(complaint.Encode()));

    public static Posting Dealt(Dealing dealing) => new(KeyGenerator.DealingTopic, dealing.Sid, Bytes.Wrap(dealing.Encode()));
}
