import 'reflect-metadata';
import { Field, Int, ObjectType } from 'type-graphql';
import { SmsEncoding } from '../segments.js';
import type { NonGsmCharacter, TextAnalysis } from '../text-analysis.js';

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
export class TextAnalysisType implements TextAnalysis {
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
