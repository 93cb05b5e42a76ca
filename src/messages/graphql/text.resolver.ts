import 'reflect-metadata';
import { Arg, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { EVERYONE } from '../../accounts/rights.js';
import { AppError, ErrorCode } from '../../errors.js';
import { Rights } from '../../graphql/rights.js';
import { SmsEncoding } from '../../templates/segments.js';
import { analyzeText, type NonGsmCharacter, type TextAnalysis } from '../../templates/text-analysis.js';

const LONGEST = 100_000;

@ObjectType('NonGsmCharacter', { description: 'A character that does not fit into GSM-7' })
class NonGsmCharacterType implements NonGsmCharacter {
  @Field(() => String, { description: 'As a person sees it: an emoji family is one' })
  character!: string;

  @Field(() => String, { nullable: true, description: 'Null where GSM-7 has nothing like it' })
  replacement!: string | null;

  @Field(() => Int, { description: 'How often it stands in the text' })
  count!: number;
}

@ObjectType('TextAnalysis', { description: 'What a text costs as SMS' })
class TextAnalysisType implements TextAnalysis {
  @Field(() => SmsEncoding)
  encoding!: SmsEncoding;

  @Field(() => Int, { description: 'Unicode code points' })
  characters!: number;

  @Field(() => Int, { description: 'Parts that the network carries and bills; 0 for an empty text' })
  segments!: number;

  @Field(() => [NonGsmCharacterType], { description: 'Characters that force UCS-2, each with a GSM-7 stand-in where one exists' })
  nonGsmCharacters!: NonGsmCharacterType[];

  @Field(() => Int, { description: 'Segments if the stand-ins were used' })
  segmentsIfTransliterated!: number;
}

@Resolver()
export class TextResolver {
  @Rights(...EVERYONE)
  @Query(() => TextAnalysisType, { description: 'Encoding and segments of a text, without sending; at most 100,000 characters' })
  analyzeText(@Arg('text', () => String) text: string): TextAnalysis {
    return analyzeText(atMost(text));
  }
}

function atMost(text: string): string {
  if (text.length > LONGEST) throw new AppError(ErrorCode.BAD_USER_INPUT, 'At most 100,000 characters.');
  return text;
}
